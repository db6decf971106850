namespace ExchangeResilience;

/// <summary>What the exchange answered to a question of ours. <paramref name="Error"/> is null where it succeeded.</summary>
internal readonly record struct Answer(ExchangeError? Error, ReadOnlyMemory<byte> Body);

/// <summary>The road by which clock and reconciliation ask the exchange: a named client's own handlers, gate and signature, without recovery.</summary>
internal interface IExchangeChannel
{
    /// <summary>Sends one request, once. Throws nothing but the cancellation of whoever asks.</summary>
    Task<Answer> AskAsync(string clientName, HttpMethod method, Uri uri, CancellationToken cancellationToken);
}
