namespace ExchangeResilience.Testing;

/// <summary>One fill.</summary>
/// <param name="TradeId">The exchange's id of the trade.</param>
/// <param name="Time">When, by the exchange's clock.</param>
/// <param name="Price">At which price.</param>
/// <param name="Quantity">How much.</param>
public sealed record SimulatedExecution(long TradeId, DateTimeOffset Time, decimal Price, decimal Quantity);
