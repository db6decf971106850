using System.Collections;
using System.Reflection;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Checks;

/// <summary>What the middleware still holds when all is over: no collection of it has grown with what was tried.</summary>
internal static class MemoryChecks
{
    // More than any run has orders, questions or keys, and fewer than the tries of a loop that is refused.
    private const int Most = 120;
    private static readonly Assembly Product = typeof(IInDoubtOrders).Assembly;
    private static readonly Dictionary<Type, FieldInfo[]> Fields = [];

    public static void Check(World world)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var ahead = new Queue<object>([world.Present.InDoubt]);
        while (ahead.TryDequeue(out var item))
        {
            foreach (var field in FieldsOf(item.GetType()))
            {
                if (field.GetValue(item) is not { } value || !seen.Add(value))
                {
                    continue;
                }

                if (value is ICollection { Count: > Most } collection && value is not Array && !IsTable(field))
                {
                    world.Findings.Violate("memory is bounded", $"{item.GetType().Name}.{field.Name} holds {collection.Count}");
                }

                Follow(value, seen, ahead);
            }
        }
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

    // What is known of the exchange, and does not change.
    private static bool IsTable(FieldInfo field) => field.DeclaringType!.Namespace != "ExchangeResilience" || field.FieldType.Name.StartsWith("Frozen", StringComparison.Ordinal);

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
