namespace ExchangeResilience.Tests.Concurrency;

/// <summary>Tests that keep several threads busy. One at a time, or they would take each other's processors and hardly ever meet within one of them.</summary>
[CollectionDefinition(nameof(Stress))]
public sealed class Stress;
