namespace ExchangeResilience;

/// <summary>The road by which clock and reconciliation ask the exchange: a named client's own handlers, gate and signature, without recovery.</summary>
internal interface IInternalRequestSender
{
    /// <summary>Sends one request, once, unless the exchange asked to wait before it is asked this again. Throws nothing but the cancellation of the asker.</summary>
    Task<QueryResult> AskAsync(string clientName, HttpMethod method, Uri uri, CancellationToken cancellationToken);

    /// <summary>Whether an address is of a host that a client trades on. No other is asked, whatever names it: a question bears the key and a signature.</summary>
    bool Knows(string clientName, Uri uri);

    /// <summary>Where a client's requests go by its settings; null where they name no address.</summary>
    Uri? HostOf(string clientName);
}
