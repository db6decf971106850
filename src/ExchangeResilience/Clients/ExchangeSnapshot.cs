namespace ExchangeResilience;

/// <summary>The state of every client of the service provider at one moment.</summary>
public sealed record ExchangeSnapshot
{
    /// <summary>When it was taken, by the local wall clock.</summary>
    public required DateTimeOffset TakenAt { get; init; }

    /// <summary>Every lane, held or open, with what is used of the exchange's limits. Empty before the first request.</summary>
    public IReadOnlyList<LaneSnapshot> Lanes { get; init; } = [];

    /// <summary>The hosts that give no reply, by name. A host stays here until it answers an attempt.</summary>
    public IReadOnlyList<SilentHost> SilentHosts { get; init; } = [];

    /// <summary>The clients whose signed requests fail, by name. A client stays here until a signed request of it succeeds.</summary>
    public IReadOnlyList<SigningFailure> SigningFailures { get; init; } = [];

    /// <summary>The changes of settings and keys that were refused and that no good one has followed, by the client's name. A client is listed once it is used.</summary>
    public IReadOnlyList<RefusedReload> RefusedReloads { get; init; } = [];

    /// <summary>The exchange's clock, one for each environment. Empty before the first request.</summary>
    public IReadOnlyList<ClockSnapshot> Clocks { get; init; } = [];

    /// <summary>The orders whose outcome is unknown, oldest first.</summary>
    public IReadOnlyList<InDoubtOrder> OrdersInDoubt { get; init; } = [];

    /// <summary>The orders of the last hour that had been reported as not executed and were seen at the exchange after all, oldest first; at most the 100 latest.</summary>
    public IReadOnlyList<ContradictedAbsence> ContradictedAbsences { get; init; } = [];

    /// <summary>The stop of new orders in force; null where orders may leave.</summary>
    public TradingHaltNotice? Halt { get; init; }

    /// <summary>Why the order journal failed since an order was last written down in it, or is not open in time; null where neither is so, and where there is no journal. Orders are refused while it fails.</summary>
    public string? JournalFault { get; init; }
}
