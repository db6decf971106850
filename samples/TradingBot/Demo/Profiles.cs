using ExchangeResilience.Testing;

namespace TradingBot;

/// <summary>What the built-in exchange does to the orders of the load act.</summary>
internal static class Profiles
{
    public const string Default = "mixed";

    private static readonly Dictionary<string, Func<int, FaultPlan>> ByName = new(StringComparer.OrdinalIgnoreCase)
    {
        ["none"] = static _ => FaultPlan.None,
        ["mixed"] = Mixed,
        ["hostile"] = FaultPlan.Hostile,
    };

    public static string Names { get; } = string.Join(", ", ByName.Keys);

    /// <exception cref="UsageException">There is no such profile.</exception>
    public static string Find(string name) =>
        ByName.ContainsKey(name) ? name : throw new UsageException($"--profile '{name}' is none of {Names}. Write, for example, --profile {Default}.");

    public static FaultPlan Plan(string name, int seed) => ByName[name](seed);

    /// <summary>As <see cref="FaultPlan.Mixed"/>, with a fifth of its 429s: each of them keeps everybody waiting for two to three seconds, and a show should be short.</summary>
    private static FaultPlan Mixed(int seed) => FaultPlan.Weighted(
        seed,
        static request => request.IsPlace,
        (0.10, Fault.ExecutedTimeout503),
        (0.05, Fault.ExecuteThenDrop),
        (0.05, Fault.ExecutedUnknown),
        (0.05, Fault.Unavailable),
        (0.01, Fault.TooManyRequests(TimeSpan.FromSeconds(1))),
        (0.01, Fault.DropBeforeExecute),
        (0.01, Fault.FinBeforeExecute));
}
