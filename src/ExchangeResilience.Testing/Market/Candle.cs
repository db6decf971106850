namespace ExchangeResilience.Testing;

/// <summary>What a price did over a span of time.</summary>
internal readonly record struct Candle(decimal Open, decimal High, decimal Low, decimal Close)
{
    /// <summary>A price somewhere in the middle of all it was.</summary>
    public decimal Middle => (Open + High + Low + Close) / 4;
}
