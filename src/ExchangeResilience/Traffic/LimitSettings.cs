namespace ExchangeResilience;

/// <summary>What the exchange allows, as one caller knows it. A limit that is null is not paced.</summary>
internal sealed record LimitSettings
{
    public int? WeightPerMinute { get; init; }
    public int? OrdersPer10Seconds { get; init; }
    public int? OrdersPerMinute { get; init; }

    /// <summary>False: usage is counted, but only holds make a request wait.</summary>
    public bool PaceBeforeLimit { get; init; } = true;

    /// <summary>How many requests may wait in one lane.</summary>
    public int MaxWaiters { get; init; } = 10_000;

    /// <summary>How long a reopening lane waits for the requests it let through; longer than any attempt may take.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(15);
}
