namespace ExchangeResilience;

/// <summary>What is sent in place of the caller's address and form body; a null body means that the caller's content goes as it is.</summary>
internal readonly record struct SignedRequest(Uri Address, string? Body, long RecvWindowMs)
{
    /// <summary>Shows neither query nor body: they hold the signature.</summary>
    public override string ToString() => $"{Address.GetLeftPart(UriPartial.Path)}, recvWindow {RecvWindowMs} ms";
}
