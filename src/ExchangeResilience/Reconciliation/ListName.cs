namespace ExchangeResilience;

/// <summary>What one list of orders is of.</summary>
internal readonly record struct ListName(Uri Host, string Account, string Symbol);
