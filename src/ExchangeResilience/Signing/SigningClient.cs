namespace ExchangeResilience;

/// <summary>A named client that signs, as registered.</summary>
internal sealed record SigningClient(string Name);
