namespace ExchangeResilience;

/// <summary>Who stopped new orders, when and why.</summary>
/// <param name="By">Who.</param>
/// <param name="Reason">Why.</param>
/// <param name="Since">When, by the local wall clock.</param>
public sealed record TradingHaltNotice(string By, string Reason, DateTimeOffset Since);
