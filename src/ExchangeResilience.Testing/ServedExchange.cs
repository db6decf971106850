namespace ExchangeResilience.Testing;

/// <summary>What a transport, in memory or on a port, needs of the exchange.</summary>
/// <param name="ServeAsync">Serves one request. Once it has arrived nothing the client does can call it back.</param>
/// <param name="Subscribe">The user data stream of a listen key, as UTF-8; null if there is no such key. What is published from the call on is in it.</param>
internal sealed record ServedExchange(Func<WireRequest, Task<Delivery>> ServeAsync, Func<string, IAsyncEnumerable<ReadOnlyMemory<byte>>?> Subscribe);
