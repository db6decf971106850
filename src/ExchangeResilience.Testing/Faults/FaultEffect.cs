namespace ExchangeResilience.Testing;

/// <summary>What the exchange does with the request itself.</summary>
internal enum FaultEffect
{
    /// <summary>Never executed.</summary>
    None,

    /// <summary>Executed as if nothing were wrong.</summary>
    Executed,

    /// <summary>Reaches the matching engine only after a delay, which checks its window then.</summary>
    Late,
}
