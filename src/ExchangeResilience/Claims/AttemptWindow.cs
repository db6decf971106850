namespace ExchangeResilience;

/// <summary>
/// The time in which one attempt can take effect, on the exchange's clock: the engine refuses it after
/// <see cref="ClosesMs"/> (change log 2023-04-18, -5028). First and last stamp differ where only the bounds of the stamp are known, from the journal.
/// </summary>
internal readonly record struct AttemptWindow(long FirstStampMs, long LastStampMs, long RecvWindowMs)
{
    // Timestamps up to a second ahead of the exchange are accepted (general info, timing security), so an order's time may precede its stamp.
    private const long AheadMs = 1000;

    public AttemptWindow(long stampMs, long recvWindowMs)
        : this(stampMs, stampMs, recvWindowMs)
    {
    }

    public long OpensMs => Add(FirstStampMs, -AheadMs);
    public long ClosesMs => Add(LastStampMs, RecvWindowMs);

    /// <summary>Whether an order of that time can stem from this attempt; one second more than the window for the way from engine to record.</summary>
    public bool Covers(long orderTimeMs) => orderTimeMs > OpensMs && orderTimeMs <= Add(ClosesMs, AheadMs);

    /// <summary>Whether one order's time can stem from either.</summary>
    public bool Overlaps(AttemptWindow other) => OpensMs < Add(other.ClosesMs, AheadMs) && other.OpensMs < Add(ClosesMs, AheadMs);

    /// <summary>Both as one, where no time lies between them; else null.</summary>
    public AttemptWindow? Joined(AttemptWindow later) => later.RecvWindowMs == RecvWindowMs && Overlaps(later)
        ? new(Math.Min(FirstStampMs, later.FirstStampMs), Math.Max(LastStampMs, later.LastStampMs), RecvWindowMs)
        : null;

    // Bounds may be foreign: a caller's own stamp, or a journal's. A window past the end of time must not seem to have closed long ago.
    private static long Add(long ms, long more) => more >= 0
        ? (ms > long.MaxValue - more ? long.MaxValue : ms + more)
        : (ms < long.MinValue - more ? long.MinValue : ms + more);
}
