namespace ExchangeResilience.Testing;

/// <summary>One reply as it goes out.</summary>
internal sealed record WireReply(int Status, byte[] Body, string ContentType, IReadOnlyDictionary<string, string> Headers);
