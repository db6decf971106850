namespace ExchangeResilience;

/// <summary>What a look for an order showed, where that is no verdict.</summary>
internal enum Sight
{
    /// <summary>Nothing: there was no answer, or none that says anything.</summary>
    None,

    /// <summary>The exchange refused the key.</summary>
    Refused,

    /// <summary>There is no such order, or it does not show the amendment.</summary>
    Absent,

    /// <summary>The order is not among those of its symbol.</summary>
    NotListed,

    /// <summary>Another order bears the id, and neither by it nor in the history was ours to be seen.</summary>
    OnlyNamesake,
}

/// <summary>One look for an order: the verdict, if it gave one.</summary>
internal readonly record struct Look(Verdict? Verdict, Sight Sight)
{
    /// <summary>How long the exchange asked to wait before the next look.</summary>
    public TimeSpan AskedToWait { get; init; }

    public Look(Verdict verdict)
        : this(verdict, Sight.None)
    {
    }

    public Look(Sight sight)
        : this(null, sight)
    {
    }
}
