namespace ExchangeResilience;

/// <summary>One item of a batch: what it asks for, and the JSON it asks in.</summary>
internal sealed record BatchItem(string Json, ExchangeOperation Operation);
