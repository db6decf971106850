namespace ExchangeResilience;

/// <summary>Deadlines in the unit of <see cref="TimeProvider.GetTimestamp"/>; the wall clock cannot move them.</summary>
internal static class MonotonicTime
{
    /// <summary>The timestamp so much after another; later rather than sooner.</summary>
    public static long After(this TimeProvider time, long timestamp, TimeSpan span) =>
        timestamp + (long)Math.Ceiling(span.TotalSeconds * time.TimestampFrequency);

    /// <summary>How long the machine has been up, on the clock of the timestamps; equal for all its processes.</summary>
    public static TimeSpan Uptime(this TimeProvider time) => time.GetElapsedTime(0, time.GetTimestamp());

    /// <summary>What is left until a timestamp; zero where it is past.</summary>
    public static TimeSpan Left(this TimeProvider time, long now, long until) =>
        until <= now ? TimeSpan.Zero : time.GetElapsedTime(now, until);

    /// <summary>The wall clock's reading at a timestamp, by the current wall clock.</summary>
    public static DateTimeOffset WallClockAt(this TimeProvider time, long now, long timestamp) => time.GetUtcNow() + time.Left(now, timestamp);
}
