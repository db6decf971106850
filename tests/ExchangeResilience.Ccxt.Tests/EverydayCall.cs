namespace ExchangeResilience.Ccxt.Tests;

/// <summary>One call of the library, and what went wrong with it; null if nothing did.</summary>
internal sealed record EverydayCall(string Name, string? Error);
