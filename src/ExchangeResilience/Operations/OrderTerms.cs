namespace ExchangeResilience;

/// <summary>The terms of an order that evidence is compared with; null where the request does not give them.</summary>
internal readonly record struct OrderTerms(string? Side, string? Type, decimal? Quantity, decimal? Price)
{
    /// <summary>The price at which a conditional order is triggered.</summary>
    public decimal? StopPrice { get; init; }

    /// <summary>The price from which a trailing stop follows the market.</summary>
    public decimal? ActivationPrice { get; init; }

    /// <summary>The position's side in hedge mode, <c>BOTH</c> in one-way mode.</summary>
    public string? PositionSide { get; init; }

    /// <summary>Whether the order may only shrink a position, so that the exchange cuts it down to that; null where the request does not say (an amendment, an entry of the journal).</summary>
    public bool? ReduceOnly { get; init; }
}
