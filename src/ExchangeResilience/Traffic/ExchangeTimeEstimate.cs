using System.Globalization;

namespace ExchangeResilience;

/// <summary>
/// The exchange's time as far as the Date headers of its replies tell it: good enough to know in which rate window a
/// request falls, and behind the truth rather than ahead of it, so that a window never seems over before it is.
/// </summary>
/// <remarks>
/// A reply that bears the Date d was stamped at d or later and received after that, so the exchange's time at its receipt is
/// at least d. The best such bound is kept; the next second's first reply improves it to within the latency.
/// </remarks>
internal sealed class ExchangeTimeEstimate
{
    // The bound ages by 0.2 ms per second, more than two quartz clocks part, so that it cannot overtake the exchange.
    private const long DriftDivisor = 5000;

    // The machine that counts need not be the one that stamps the Date.
    private const long LagMs = 100;

    // One such Date may come out of a cache or from a clock that is wrong; several in a row mean that the estimate is.
    private const long AbsurdMs = ExchangeInstant.NearMs;
    private const int EnoughContradictions = 3;

    private readonly TimeProvider _time;
    private Anchor _anchor;
    private DateText? _lastDate;
    private int _contradictions;

    public ExchangeTimeEstimate(TimeProvider time)
    {
        _time = time;
        _anchor = new Anchor(time.GetUtcNow().ToUnixTimeMilliseconds(), time.GetTimestamp(), Learned: false, Corrections: 0);
    }

    /// <summary>Whether the exchange has ever told its time; until then the local wall clock stands for it.</summary>
    public bool IsLearned => Volatile.Read(ref _anchor).Learned;

    /// <summary>The exchange's time in milliseconds since 1970 at a local timestamp.</summary>
    public long At(long timestamp) => Bound(Volatile.Read(ref _anchor), timestamp) - LagMs;

    /// <summary>The same, for counts that a correction of the estimate must not lose.</summary>
    public ExchangeInstant InstantAt(long timestamp)
    {
        var anchor = Volatile.Read(ref _anchor);
        return new ExchangeInstant(Bound(anchor, timestamp) - LagMs, anchor.Corrections);
    }

    /// <summary>The local timestamp at which <see cref="At"/> will reach an exchange time.</summary>
    public long TimestampOf(long exchangeMs)
    {
        var anchor = Volatile.Read(ref _anchor);
        var span = exchangeMs + LagMs - anchor.ExchangeMs;
        return _time.After(anchor.Timestamp, TimeSpan.FromMilliseconds((span * DriftDivisor / (DriftDivisor - 1)) + 1));
    }

    /// <summary>Reads a Date header just received and learns from it; null where it is none.</summary>
    /// <param name="text">The header's value.</param>
    /// <param name="moved">Whether the estimate changed.</param>
    public long? Observe(string text, out bool moved)
    {
        // A later reply of the same second teaches nothing new.
        moved = false;
        var last = Volatile.Read(ref _lastDate);
        if (last is not null && string.Equals(last.Text, text, StringComparison.Ordinal))
        {
            return last.Milliseconds;
        }

        if (!DateTimeOffset.TryParseExact(text, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
        {
            return null;
        }

        var milliseconds = date.ToUnixTimeMilliseconds();
        moved = Learn(milliseconds, _time.GetTimestamp());
        Volatile.Write(ref _lastDate, new DateText(text, milliseconds));
        return milliseconds;
    }

    /// <summary>Learns from a reply's Date; true where the estimate moved.</summary>
    public bool Learn(long dateMs, long receivedAt)
    {
        var anchor = Volatile.Read(ref _anchor);
        while (true)
        {
            var lead = Bound(anchor, receivedAt) - dateMs;
            var isAbsurd = Math.Abs(lead) > AbsurdMs;
            if (anchor.Learned && (isAbsurd ? !IsRepeated() : !IsNews(lead)))
            {
                return false;
            }

            // A guess that was replaced, or proved wrong, is corrected; a bound that comes closer is not.
            var corrections = anchor.Learned && !isAbsurd ? anchor.Corrections : anchor.Corrections + 1;
            var seen = Interlocked.CompareExchange(ref _anchor, new Anchor(dateMs, receivedAt, Learned: true, corrections), anchor);
            if (ReferenceEquals(seen, anchor))
            {
                return true;
            }

            anchor = seen;
        }
    }

    private bool IsRepeated() => Interlocked.Increment(ref _contradictions) >= EnoughContradictions;

    private bool IsNews(long lead)
    {
        if (Volatile.Read(ref _contradictions) != 0)
        {
            Volatile.Write(ref _contradictions, 0);
        }

        return lead < 0;
    }

    private long Bound(Anchor anchor, long timestamp)
    {
        var elapsed = _time.GetElapsedTime(anchor.Timestamp, timestamp).Ticks / TimeSpan.TicksPerMillisecond;
        return anchor.ExchangeMs + elapsed - (elapsed / DriftDivisor);
    }

    private sealed record Anchor(long ExchangeMs, long Timestamp, bool Learned, int Corrections);

    private sealed record DateText(string Text, long Milliseconds);
}

/// <summary>An instant on the exchange's clock, as estimated.</summary>
/// <param name="Ms">Milliseconds since 1970.</param>
/// <param name="Corrections">How often the estimate had been corrected by then. Between two instants that differ in it no time need have passed, however far apart they seem.</param>
internal readonly record struct ExchangeInstant(long Ms, int Corrections)
{
    /// <summary>No reply is on its way for that long.</summary>
    public const long NearMs = 30_000;

    /// <summary>Whether a reply that is received now can have been stamped then.</summary>
    public bool IsNear(long dateMs) => Math.Abs(dateMs - Ms) <= NearMs;

    public static implicit operator ExchangeInstant(long ms) => new(ms, 0);
}
