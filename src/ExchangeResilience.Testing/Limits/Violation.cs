namespace ExchangeResilience.Testing;

/// <summary>How long ago the sender was asked to wait, by the answer to which request, and how long its address still has to; zero where only its orders do.</summary>
internal sealed record Violation(TimeSpan Since, long ToldBy, TimeSpan AddressWaits);
