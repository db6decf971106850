namespace ExchangeResilience;

/// <summary>One look for an order: the verdict, if it gave one.</summary>
internal readonly record struct LookupResult(Verdict? Verdict, Sight Sight)
{
    /// <summary>How long the exchange asked to wait before the next look-up.</summary>
    public TimeSpan AskedToWait { get; init; }

    public LookupResult(Verdict verdict)
        : this(verdict, Sight.None)
    {
    }

    public LookupResult(Sight sight)
        : this(null, sight)
    {
    }
}
