namespace ExchangeResilience.Testing;

/// <summary>One change of an order's price or quantity.</summary>
internal sealed record Amendment(long Id, DateTimeOffset Time, decimal PriceBefore, decimal PriceAfter, decimal QuantityBefore, decimal QuantityAfter);
