namespace ExchangeResilience.Testing;

/// <summary>A contract and its price.</summary>
internal sealed class Instrument(SimulatedSymbol definition, DateTimeOffset began)
{
    public string Name => definition.Name;

    public SimulatedSymbol Definition => definition;

    /// <summary>What is bought with it: the name without the currency it is paid in.</summary>
    public string BaseAsset => Name.EndsWith("USDT", StringComparison.Ordinal) ? Name[..^4] : Name;

    public decimal Price => Path.Present;

    public PricePath Path { get; } = new(definition.Name, definition.Price, definition.TickSize, began);

    /// <summary>There is no market data of before.</summary>
    public DateTimeOffset Listed { get; } = new(began.UtcDateTime.Date.AddYears(-2), TimeSpan.Zero);
}
