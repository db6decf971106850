namespace ExchangeResilience;

/// <summary>An attempt could not be signed, and has therefore not left.</summary>
internal sealed class NotSignedException(string message, Exception? innerException = null) : HttpRequestException(message, innerException);
