namespace ExchangeResilience.Testing;

/// <summary>An order that took effect, as it was when it was read.</summary>
public sealed record SimulatedOrder
{
    /// <summary>The exchange's id.</summary>
    public required long OrderId { get; init; }

    /// <summary>The account it belongs to.</summary>
    public required string Account { get; init; }

    /// <summary>The contract.</summary>
    public required string Symbol { get; init; }

    /// <summary>The client's id, or the one the exchange gave it.</summary>
    public required string ClientOrderId { get; init; }

    /// <summary>BUY or SELL.</summary>
    public required string Side { get; init; }

    /// <summary>MARKET or LIMIT.</summary>
    public required string Type { get; init; }

    /// <summary>GTC, IOC, FOK or GTX.</summary>
    public required string TimeInForce { get; init; }

    /// <summary>BOTH, LONG or SHORT.</summary>
    public required string PositionSide { get; init; }

    /// <summary>Whether it may only reduce a position.</summary>
    public required bool ReduceOnly { get; init; }

    /// <summary>The limit price; zero for a market order.</summary>
    public required decimal Price { get; init; }

    /// <summary>The quantity ordered, after any amendment.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>The quantity filled.</summary>
    public required decimal ExecutedQuantity { get; init; }

    /// <summary>The average price of what was filled; zero if nothing was.</summary>
    public required decimal AveragePrice { get; init; }

    /// <summary>NEW, PARTIALLY_FILLED, FILLED, CANCELED or EXPIRED.</summary>
    public required string Status { get; init; }

    /// <summary>When the matching engine took it on, by the exchange's clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>When it last changed, by the exchange's clock.</summary>
    public required DateTimeOffset UpdateTime { get; init; }

    /// <summary>Its fills.</summary>
    public required IReadOnlyList<SimulatedExecution> Executions { get; init; }
}
