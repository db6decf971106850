namespace ExchangeResilience;

/// <summary>A named client with error handling, as registered.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Section">The path of its section in the configuration; null where its settings are made in code.</param>
internal sealed record ErrorHandlingClient(string Name, string? Section);
