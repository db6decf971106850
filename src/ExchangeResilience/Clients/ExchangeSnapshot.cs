namespace ExchangeResilience;

/// <summary>The state of every client of the service provider at one moment.</summary>
public sealed record ExchangeSnapshot
{
    /// <summary>When it was taken, by the local wall clock.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Every lane, held or open, with what is used of the exchange's limits. Empty before the first request.</summary>
    public IReadOnlyList<LaneSnapshot> Lanes { get; init; } = [];

    /// <summary>The exchange's clock, one for each environment. Empty before the first request.</summary>
    public IReadOnlyList<ClockSnapshot> Clocks { get; init; } = [];

    /// <summary>The orders whose outcome is unknown, oldest first.</summary>
    public IReadOnlyList<InDoubtOrder> OrdersInDoubt { get; init; } = [];

    /// <summary>The stop of new orders in force; null where orders may leave.</summary>
    public TradingHaltNotice? Halt { get; init; }

    /// <summary>Why the order journal failed since an order was last written down in it; null where it did not, and where there is no journal. Orders are refused while it fails.</summary>
    public string? JournalFault { get; init; }
}
