namespace Benchmarks.Fleet;

/// <summary>What the exchange allows an address and an account.</summary>
internal sealed record FleetLimits(int WeightPerMinute, int OrdersPer10Seconds, int OrdersPerMinute)
{
    /// <summary>More than this machine can send.</summary>
    public static FleetLimits None { get; } = new(10_000_000, 10_000_000, 10_000_000);

    /// <summary>Those of Binance USD-M Futures.</summary>
    public static FleetLimits OfTheExchange { get; } = new(2400, 300, 1200);
}
