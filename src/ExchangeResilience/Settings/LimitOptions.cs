namespace ExchangeResilience;

/// <summary>What the exchange allows. Null: read from the exchange (exchangeInfo), else the venue's documented figure.</summary>
public sealed class LimitOptions
{
    /// <summary>Request weight per minute and address; null takes the exchange's own.</summary>
    public int? WeightPerMinute { get; set; }

    /// <summary>Orders per 10 s and account; null takes the exchange's own.</summary>
    public int? OrdersPer10Seconds { get; set; }

    /// <summary>Orders per minute and account; null takes the exchange's own.</summary>
    public int? OrdersPerMinute { get; set; }

    /// <summary>Whether requests wait by themselves before a limit is reached, instead of only after the exchange complained. Defaults to true.</summary>
    public bool PaceBeforeLimit { get; set; } = true;

    /// <summary>How many requests may wait in one lane; further ones fail at once. Defaults to 10,000.</summary>
    public int MaxWaiters { get; set; } = 10_000;
}
