namespace ExchangeResilience.Testing;

/// <summary>A contract the simulated exchange trades.</summary>
/// <param name="Name">Its symbol.</param>
/// <param name="Price">The first market and mark price.</param>
public sealed record SimulatedSymbol(string Name, decimal Price)
{
    /// <summary>Prices are multiples of this. Defaults to 0.01.</summary>
    public decimal TickSize { get; init; } = 0.01m;

    /// <summary>Quantities are multiples of this. Defaults to 0.001.</summary>
    public decimal StepSize { get; init; } = 0.001m;

    /// <summary>The smallest quantity of an order. Defaults to 0.001.</summary>
    public decimal MinQuantity { get; init; } = 0.001m;

    /// <summary>The largest quantity of an order. Defaults to 1 000 000.</summary>
    public decimal MaxQuantity { get; init; } = 1_000_000m;

    /// <summary>The lowest price of an order. Defaults to 0.01.</summary>
    public decimal MinPrice { get; init; } = 0.01m;

    /// <summary>The highest price of an order. Defaults to 10 000 000.</summary>
    public decimal MaxPrice { get; init; } = 10_000_000m;

    /// <summary>The smallest value of an order, in USDT, unless it only reduces. Defaults to 5.</summary>
    public decimal MinNotional { get; init; } = 5m;

    /// <summary>Whether it trades at present; -4141 if not. Defaults to true.</summary>
    public bool IsTrading { get; init; } = true;
}
