namespace ExchangeResilience;

/// <summary>A named client with error handling, as registered.</summary>
/// <param name="Name">Its name.</param>
internal sealed record ErrorHandlingClient(string Name);
