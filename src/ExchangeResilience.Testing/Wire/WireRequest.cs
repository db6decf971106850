namespace ExchangeResilience.Testing;

/// <summary>One request as its bytes arrived: the signature covers them, so nothing is decoded yet.</summary>
internal sealed record WireRequest(string Method, string Path, string Query, byte[] Body, string? ApiKey, string Address);

/// <summary>One reply as it goes out.</summary>
internal sealed record WireReply(int Status, byte[] Body, string ContentType, IReadOnlyDictionary<string, string> Headers);

/// <summary>A reply together with the way it reaches, or fails to reach, the client.</summary>
internal sealed record Delivery(FaultEnding Ending, WireReply Reply, TimeSpan Interval)
{
    /// <summary>To be called as the reply goes out: from then on the client is expected to obey what it says.</summary>
    public required Action Told { get; init; }
}
