namespace ExchangeResilience;

/// <summary>One item of a batch: what it orders, and its JSON.</summary>
internal sealed record BatchItem(string Json, ExchangeOperation Operation);
