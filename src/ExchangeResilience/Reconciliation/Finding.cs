namespace ExchangeResilience;

/// <summary>What an order found under a claim's id says about the claim.</summary>
internal enum Finding
{
    /// <summary>It is the claimed request's doing.</summary>
    Ours,

    /// <summary>An older order, or another's, has the same id: evidence of nothing.</summary>
    Namesake,

    /// <summary>The order exists and does not show the claimed change (amendments only).</summary>
    Unchanged,
}
