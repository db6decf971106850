namespace ExchangeResilience.Testing;

/// <summary>Orders that took effect more than once.</summary>
/// <param name="Key">The client order id, or the intent: symbol, side, type, quantity and price.</param>
/// <param name="Orders">All of them, in the order they took effect.</param>
public sealed record Duplicate(string Key, IReadOnlyList<SimulatedOrder> Orders);
