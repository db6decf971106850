namespace ExchangeResilience;

/// <summary>How clock and reconciliation query the exchange: through a named client's own handlers, gate and signature, without recovery.</summary>
internal interface IInternalRequestSender
{
    /// <summary>Sends one request, once, unless the exchange asked to wait before this is repeated. Throws nothing but the caller's cancellation.</summary>
    /// <param name="clientName">The client.</param>
    /// <param name="method">The method.</param>
    /// <param name="uri">The address.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="signedWith">A key that is not in force yet; null for the client's own.</param>
    Task<QueryResult> AskAsync(string clientName, HttpMethod method, Uri uri, CancellationToken cancellationToken, SigningCredentials? signedWith = null);

    /// <summary>Whether an address is of a host that a client trades on. No other host is queried, whatever names it: a look-up carries the key and a signature.</summary>
    bool Knows(string clientName, Uri uri);

    /// <summary>Where a client's requests go by its settings; null where they name no address.</summary>
    Uri? HostOf(string clientName);
}
