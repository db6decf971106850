namespace ExchangeResilience;

/// <summary>Whether an order can only shrink a position. The exchange exempts such orders from -1008.</summary>
internal enum RiskDirection
{
    /// <summary>The order may open or enlarge a position, or its effect cannot be seen from its parameters.</summary>
    Increasing = 0,

    /// <summary>closePosition, reduceOnly in one-way mode, SELL of LONG or BUY of SHORT in hedge mode.</summary>
    Reducing,
}
