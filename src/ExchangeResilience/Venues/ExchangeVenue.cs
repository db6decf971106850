namespace ExchangeResilience;

/// <summary>What differs by product: the code table, the endpoint table, the limits and where the time is asked.</summary>
public sealed class ExchangeVenue
{
    private ExchangeVenue(string name, ErrorCatalog errors)
    {
        Name = name;
        Errors = errors;
    }

    /// <summary>Binance USDⓈ-M futures (fapi).</summary>
    public static ExchangeVenue BinanceUsdFutures { get; } = new("BinanceUsdFutures", new ErrorCatalog(BinanceUsdFuturesErrors.Rows));

    /// <summary>The name configuration uses.</summary>
    public string Name { get; }

    /// <summary>The error table.</summary>
    public ErrorCatalog Errors { get; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
