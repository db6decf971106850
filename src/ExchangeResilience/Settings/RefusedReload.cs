namespace ExchangeResilience;

/// <summary>A change of a client's settings or keys that is not in force: the last good ones are. A restart reads the changed ones, and does not start with a fault.</summary>
/// <param name="ClientName">The client.</param>
/// <param name="Since">When the first change was refused that no good one has followed, by the local wall clock.</param>
/// <param name="Faults">Why the latest change was refused, a sentence for each fault, as the log says it (event 1001 or 1005). Those of the settings where both are refused.</param>
public sealed record RefusedReload(string ClientName, DateTimeOffset Since, IReadOnlyList<string> Faults);
