namespace ExchangeResilience;

/// <summary>What blocks a request.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Lane">The lane it waits in.</param>
/// <param name="Until">The earliest instant the way can be free.</param>
/// <param name="LookAgainAt">When to look again if nothing happens before.</param>
internal readonly record struct Blocker(RefusalReason Reason, Lane? Lane, long Until, long LookAgainAt);
