namespace ExchangeResilience;

/// <summary>What the exchange answered to a question of ours. <paramref name="Error"/> is null where it succeeded.</summary>
internal readonly record struct Answer(ExchangeError? Error, ReadOnlyMemory<byte> Body)
{
    /// <summary>How long the exchange asked to wait before this question is put again; zero where a closed lane holds all requests back instead.</summary>
    public TimeSpan AskedToWait { get; init; }
}

/// <summary>The road by which clock and reconciliation ask the exchange: a named client's own handlers, gate and signature, without recovery.</summary>
internal interface IExchangeChannel
{
    /// <summary>Sends one request, once, unless the exchange asked to wait before it is asked this again. Throws nothing but the cancellation of the asker.</summary>
    Task<Answer> AskAsync(string clientName, HttpMethod method, Uri uri, CancellationToken cancellationToken);

    /// <summary>Whether an address is one that a client's requests go to, or the venue's own. No other is asked, even where a record names it: a question bears the key and a signature.</summary>
    bool Knows(string clientName, Uri uri);

    /// <summary>Where a client's requests go by its settings; null where they name no address.</summary>
    Uri? HostOf(string clientName);
}
