namespace ExchangeResilience;

/// <summary>
/// The agreement between one attempt and the signer: until when it may be stamped, and what stamp it got. It travels in the request's
/// options, and is good for one sending.
/// </summary>
internal class AttemptStamp
{
    public static readonly HttpRequestOptionsKey<AttemptStamp> Key = new("ExchangeResilience.AttemptStamp");

    /// <summary>The earliest stamp allowed, which the journal has promised; a clock set back since then stamps this. No bound by default.</summary>
    public long NotBeforeMs { get; init; } = long.MinValue;

    /// <summary>The latest stamp allowed, in milliseconds since 1970 on the exchange's clock; no bound by default.</summary>
    public long NoStampAfterMs { get; init; } = long.MaxValue;

    /// <summary>The timestamp that was signed.</summary>
    public long StampMs { get; private set; }

    /// <summary>The receive window that was signed: the caller's, else the configured one.</summary>
    public long RecvWindowMs { get; private set; }

    /// <summary>The clock's generation the stamp was made in.</summary>
    public int ClockGeneration { get; private set; }

    /// <summary>Whether it was stamped, so that the request may have left.</summary>
    public bool Stamped { get; private set; }

    /// <summary>How long a signature with that stamp may take.</summary>
    /// <exception cref="StampRefusedException">The attempt is not to be stamped so late.</exception>
    public TimeSpan TimeLeft(long stampMs) =>
        stampMs > NoStampAfterMs ? throw new StampRefusedException($"The attempt is {stampMs - NoStampAfterMs} ms too late to be stamped.")
        : NoStampAfterMs == long.MaxValue ? Timeout.InfiniteTimeSpan
        : TimeSpan.FromMilliseconds(Math.Min(NoStampAfterMs - stampMs, int.MaxValue));

    /// <summary>Whether the attempt, signed by now, may still leave.</summary>
    public virtual bool MayLeave() => true;

    public void Fill(long stampMs, long recvWindowMs, int clockGeneration)
    {
        StampMs = stampMs;
        RecvWindowMs = recvWindowMs;
        ClockGeneration = clockGeneration;
        Stamped = true;
    }
}
