namespace ExchangeResilience;

/// <summary>The hold now in force on a lane.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Code">The code that closed it.</param>
/// <param name="Remaining">How long it lasts from now.</param>
/// <param name="RetryAt">Its end by the current local wall clock.</param>
/// <param name="Extended">False where a longer hold was already in force.</param>
/// <param name="IsNews">The first since the lane was open or a person released it, or at least twice as long as the last one that was logged as such.</param>
/// <param name="BannedUntil">Until when the exchange has banned the address, by its own clock; its end here where the exchange named no instant, null where it is no ban.</param>
internal readonly record struct Hold(TrafficLane Lane, int Code, TimeSpan Remaining, DateTimeOffset RetryAt, bool Extended, bool IsNews, DateTimeOffset? BannedUntil = null);
