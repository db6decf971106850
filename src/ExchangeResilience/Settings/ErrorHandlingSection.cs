namespace ExchangeResilience;

/// <summary>A section of the configuration that sets a named client.</summary>
/// <param name="Client">The client.</param>
/// <param name="Path">The section's path.</param>
internal sealed record ErrorHandlingSection(string Client, string Path);
