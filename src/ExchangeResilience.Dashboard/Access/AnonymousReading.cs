namespace ExchangeResilience.Dashboard;

/// <summary>Marks a dashboard that whoever reaches this machine's loopback address may read.</summary>
internal sealed class AnonymousReading;
