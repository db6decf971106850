namespace ExchangeResilience;

/// <summary>A hold, and whose it is.</summary>
/// <param name="Hold">The hold.</param>
/// <param name="ToldTo">The name of the process that the exchange asked to wait.</param>
internal sealed record FleetHold(JournalHold Hold, string ToldTo);
