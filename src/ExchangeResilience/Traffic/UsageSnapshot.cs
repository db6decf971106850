namespace ExchangeResilience;

/// <summary>One counter of the exchange in its current window.</summary>
public sealed record UsageSnapshot
{
    /// <summary>How long its window is, as in one minute.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>How much is used: request weight, or orders.</summary>
    public int Used { get; init; }

    /// <summary>How much the exchange allows in a window; null where that is not known.</summary>
    public int? Limit { get; init; }
}
