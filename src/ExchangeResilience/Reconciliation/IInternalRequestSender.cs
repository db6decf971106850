namespace ExchangeResilience;

/// <summary>How clock and reconciliation query the exchange: through a named client's own handlers, gate and signature, without recovery.</summary>
internal interface IInternalRequestSender
{
    /// <summary>
    /// Sends one request, once, unless the exchange asked to wait before this is repeated; signed with the client's own key, or with one that is not in force yet. Throws
    /// nothing but the caller's cancellation.
    /// </summary>
    Task<QueryResult> AskAsync(string clientName, HttpMethod method, Uri uri, CancellationToken cancellationToken, SigningCredentials? signedWith = null);

    /// <summary>Whether an address is of a host that a client trades on. No other host is queried, whatever names it: a look-up carries the key and a signature.</summary>
    bool Knows(string clientName, Uri uri);

    /// <summary>Where a client's requests go by its settings; null where they name no address.</summary>
    Uri? HostOf(string clientName);
}
