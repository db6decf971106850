namespace ExchangeResilience;

/// <summary>Hands a request to the handlers below.</summary>
internal delegate Task<HttpResponseMessage> SendInner(HttpRequestMessage request, CancellationToken cancellationToken);
