namespace ExchangeResilience;

/// <summary>An order that was reported as not executed and was seen at the exchange later: a position may exist that the program does not count.</summary>
/// <param name="Order">The order.</param>
/// <param name="OrderStatus">Its status at the exchange, for example FILLED.</param>
/// <param name="FoundAt">When it was seen, on this machine's clock.</param>
public sealed record ContradictedAbsence(InDoubtOrder Order, string OrderStatus, DateTimeOffset FoundAt);
