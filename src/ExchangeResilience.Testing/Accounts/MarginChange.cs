namespace ExchangeResilience.Testing;

/// <summary>One addition to, or removal from, a position's margin.</summary>
internal sealed record MarginChange(string Symbol, string PositionSide, decimal Amount, int Type, DateTimeOffset Time);
