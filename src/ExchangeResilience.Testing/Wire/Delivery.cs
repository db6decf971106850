namespace ExchangeResilience.Testing;

/// <summary>A reply together with the way it reaches, or fails to reach, the client.</summary>
internal sealed record Delivery(FaultEnding Ending, WireReply Reply, TimeSpan Interval)
{
    /// <summary>To be called as the reply goes out: from then on the client is expected to keep to it.</summary>
    public required Action OnSent { get; init; }
}
