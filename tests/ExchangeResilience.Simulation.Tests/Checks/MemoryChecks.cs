using System.Collections;
using System.Reflection;
using ExchangeResilience.Simulation.Tests.Processes;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Checks;

/// <summary>What the middleware still holds when all is over: no collection of it has grown with what was tried.</summary>
internal static class MemoryChecks
{
    // More than any run has orders or keys, and fewer than the tries of a loop that is refused.
    private const int MostGrowth = 100;
    private static readonly Assembly Product = typeof(IInDoubtOrders).Assembly;
    private static readonly Dictionary<Type, FieldInfo[]> Fields = [];

    public static void Check(World world)
    {
        foreach (var (name, count) in Count(world.Present))
        {
            if (count > world.Present.Born.GetValueOrDefault(name) + MostGrowth)
            {
                world.Findings.Violate("memory is bounded", $"{name} holds {count}");
            }
        }
    }

    /// <summary>The largest collection that each field of the product's objects holds.</summary>
    public static Dictionary<string, int> Count(SimulatedProcess process)
    {
        var counts = new Dictionary<string, int>();
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var ahead = new Queue<object>([process.InDoubt]);
        while (ahead.TryDequeue(out var item))
        {
            foreach (var field in FieldsOf(item.GetType()))
            {
                if (field.GetValue(item) is not { } value || !seen.Add(value))
                {
                    continue;
                }

                if (value is ICollection collection and not Array)
                {
                    var name = $"{item.GetType().Name}.{field.Name}";
                    counts[name] = Math.Max(counts.GetValueOrDefault(name), collection.Count);
                }

                Follow(value, seen, ahead);
            }
        }

        return counts;
    }

    private static void Follow(object value, HashSet<object> seen, Queue<object> ahead)
    {
        if (value.GetType().Assembly == Product)
        {
            ahead.Enqueue(value);
        }
        else if (value is IDictionary dictionary)
        {
            Follow(dictionary.Values, seen, ahead);
        }
        else if (value is IEnumerable items and not string)
        {
            foreach (var item in items)
            {
                if (item is not null && !item.GetType().IsValueType && seen.Add(item))
                {
                    Follow(item, seen, ahead);
                }
            }
        }
    }

    private static FieldInfo[] FieldsOf(Type type)
    {
        if (!Fields.TryGetValue(type, out var fields))
        {
            Fields[type] = fields = [.. type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                .Where(static field => !field.FieldType.IsValueType && field.FieldType != typeof(string) && !typeof(Delegate).IsAssignableFrom(field.FieldType))];
        }

        return fields;
    }
}
