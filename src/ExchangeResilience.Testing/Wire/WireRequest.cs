namespace ExchangeResilience.Testing;

/// <summary>One request as its bytes arrived: the signature covers them, so nothing is decoded yet.</summary>
internal sealed record WireRequest(string Method, string Path, string Query, byte[] Body, string? ApiKey, string Address);
