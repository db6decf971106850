namespace ExchangeResilience.Testing;

/// <summary>A refusal for the sake of a limit.</summary>
internal sealed record Refused(Refusal Refusal, TimeSpan? RetryAfter, Hold Hold);
