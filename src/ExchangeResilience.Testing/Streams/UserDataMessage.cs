namespace ExchangeResilience.Testing;

/// <summary>One event as it leaves, and when that was.</summary>
internal sealed record UserDataMessage(TimeSpan Sent, ReadOnlyMemory<byte> Payload);
