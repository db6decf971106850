namespace ExchangeResilience.Testing;

/// <summary>A refusal because of a limit.</summary>
internal sealed record Refused(Refusal Refusal, TimeSpan? RetryAfter, Hold Hold);
