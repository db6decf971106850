namespace ExchangeResilience;

/// <summary>What makes two requests the same order: nothing with this key leaves while an earlier one may still take effect.</summary>
internal readonly record struct ClaimKey(string Environment, string Account, string Symbol, OperationKind Kind, string Id);
