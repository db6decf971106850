namespace ExchangeResilience.Testing;

/// <summary>A profit or loss that a fill realised.</summary>
internal sealed record Income(string Symbol, decimal Amount, DateTimeOffset Time, long TradeId);
