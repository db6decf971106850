namespace ExchangeResilience;

/// <summary>The signer refused to stamp an attempt, which has therefore not left.</summary>
internal sealed class StampRefusedException(string message) : InvalidOperationException(message);
