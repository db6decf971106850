namespace ExchangeResilience.Testing;

/// <summary>A conditional order.</summary>
internal sealed class AlgoOrder
{
    public required long Id { get; init; }

    public required string ClientAlgoId { get; init; }

    public required Instrument Instrument { get; init; }

    public required string Side { get; init; }

    public required string Type { get; init; }

    public required string PositionSide { get; init; }

    public required decimal TriggerPrice { get; init; }

    public required decimal Price { get; init; }

    public required decimal Quantity { get; init; }

    public required bool ClosesPosition { get; init; }

    public required bool ReduceOnly { get; init; }

    public required DateTimeOffset Created { get; init; }

    public DateTimeOffset Updated { get; set; }

    public string Status { get; set; } = "NEW";

    public long? OrderId { get; set; }

    /// <summary>Whether this price sets it off. A trailing stop is kept, but never set off.</summary>
    public bool IsTriggeredBy(decimal price) => Type switch
    {
        "STOP" or "STOP_MARKET" => Side == "BUY" ? price >= TriggerPrice : price <= TriggerPrice,
        "TAKE_PROFIT" or "TAKE_PROFIT_MARKET" => Side == "BUY" ? price <= TriggerPrice : price >= TriggerPrice,
        _ => false,
    };
}
