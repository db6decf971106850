namespace ExchangeResilience;

/// <summary>When a call came in, by both clocks of the machine.</summary>
/// <param name="Timestamp">By the monotonic clock, which is never set, but which stops while the machine is suspended.</param>
/// <param name="WallTicks">By the wall clock, which goes on meanwhile, but may be set: UTC, in units of 100 ns.</param>
internal readonly record struct EntryTime(long Timestamp, long WallTicks)
{
    public static EntryTime Now(TimeProvider time) => new(time.GetTimestamp(), time.GetUtcNow().UtcTicks);

    /// <summary>When a query entered. Its age is counted on the monotonic clock alone: a query that leaves late does no harm.</summary>
    public static EntryTime OfQuery(TimeProvider time) => new(time.GetTimestamp(), WallTicks: 0);

    /// <summary>How long ago that was at a timestamp of this moment, by the clock that says more: one that was set back says nothing.</summary>
    public TimeSpan AgeAt(TimeProvider time, long now) =>
        (time.GetElapsedTime(Timestamp, now), TimeSpan.FromTicks(time.GetUtcNow().UtcTicks - WallTicks)) is var (monotonic, wall) && wall > monotonic ? wall : monotonic;
}
