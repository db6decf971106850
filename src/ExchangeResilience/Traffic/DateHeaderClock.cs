using System.Globalization;

namespace ExchangeResilience;

/// <summary>
/// The exchange's time, good enough to know in which rate window a request falls, and behind the truth rather than ahead of it, so that a window never seems over before it is. It goes
/// by the measured clock where there is one, else by the Date headers of replies.
/// </summary>
/// <remarks>
/// A reply with the Date d was stamped at d or later and received after that, so the exchange's time at its receipt is
/// at least d. The best such bound is kept; the next second's first reply improves it to within the latency. A single reply moves it no further than it can be wrong; where that was
/// measured, several do not either, but have it measured again.
/// </remarks>
internal sealed class DateHeaderClock(ExchangeClock clock)
{
    // The bound ages by 0.2 ms per second, more than two quartz clocks part, so that it cannot overtake the exchange.
    private const long DriftDivisor = 5000;

    /// <summary>A Date is cut to the second, and its reply travelled for less than another.</summary>
    public const long DateSlackMs = 2000;

    // One Date beyond that may come out of a cache or from a clock that is wrong; several in a row that agree mean that the estimate is.
    private const int EnoughContradictions = 3;

    private readonly TimeProvider _time = clock.Time;
    private Anchor _anchor = new(clock.Time.GetUtcNow().ToUnixTimeMilliseconds(), clock.Time.GetTimestamp(), SlackMs: 0, Learned: false, Corrections: 0, Measured: null);
    private DateText? _lastDate;
    private long _contradictionMs;
    private int _contradictions;

    /// <summary>Whether the exchange has ever sent its time; until then the local wall clock is used instead.</summary>
    public bool IsLearned => Latest().Learned;

    public bool IsMeasured => clock.IsSynchronised;

    /// <summary>The exchange's time in milliseconds since 1970 at a local timestamp.</summary>
    public long At(long timestamp) => Bound(Latest(), timestamp) - ExchangeInstant.LagMs;

    /// <summary>The same, for counts that a correction of the estimate must not lose.</summary>
    public ExchangeInstant InstantAt(long timestamp)
    {
        var anchor = Latest();
        return new ExchangeInstant(Bound(anchor, timestamp) - ExchangeInstant.LagMs, anchor.Corrections);
    }

    /// <summary>The same, at this moment.</summary>
    public ExchangeInstant Now => InstantAt(_time.GetTimestamp());

    /// <summary>The local timestamp at which <see cref="At"/> will reach an exchange time.</summary>
    public long TimestampOf(long exchangeMs)
    {
        var anchor = Latest();
        var span = exchangeMs + ExchangeInstant.LagMs - anchor.ExchangeMs;
        return _time.After(anchor.Timestamp, TimeSpan.FromMilliseconds((span * DriftDivisor / (DriftDivisor - 1)) + 1));
    }

    /// <summary>Reads a Date header just received and learns from it, which may move the estimate; null where it is none, or cannot be an exchange's time.</summary>
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
        if (!ServerTime.IsPossible(milliseconds))
        {
            return null;
        }

        moved = Learn(milliseconds, _time.GetTimestamp());
        Volatile.Write(ref _lastDate, new DateText(text, milliseconds));
        return milliseconds;
    }

    /// <summary>Learns from a reply's Date; true where the estimate moved.</summary>
    public bool Learn(long dateMs, long receivedAt)
    {
        while (true)
        {
            var anchor = Latest();
            var lead = Bound(anchor, receivedAt) - dateMs;
            var isAhead = -lead > Slack(anchor, receivedAt);
            var isAbsurd = isAhead || lead > ExchangeInstant.NearMs;
            if (anchor.Learned && !isAbsurd)
            {
                if (Volatile.Read(ref _contradictions) != 0)
                {
                    Volatile.Write(ref _contradictions, 0);
                }

                if (lead >= 0)
                {
                    return false;
                }
            }

            if (anchor.Learned && isAbsurd && !IsRepeated(dateMs, receivedAt))
            {
                return false;
            }

            if (isAbsurd && anchor.Measured is { } measured)
            {
                clock.Contradict(measured);
                return false;
            }

            // A guess that was replaced, or proved wrong, is corrected; a bound that comes closer is not.
            var corrections = anchor.Learned && -lead is > 0 and <= ExchangeInstant.NearMs ? anchor.Corrections : anchor.Corrections + 1;

            // What was measured stays the latest that it can be, however often Dates come closer to that.
            var slack = anchor.Measured is null ? DateSlackMs : Slack(anchor, receivedAt) + lead;
            if (TryReplace(anchor, new Anchor(dateMs, receivedAt, slack, Learned: true, corrections, anchor.Measured)))
            {
                return true;
            }
        }
    }

    private bool IsRepeated(long dateMs, long receivedAt)
    {
        // Replies that come together may be counted once: it then takes one more.
        var offset = dateMs - (_time.GetElapsedTime(0, receivedAt).Ticks / TimeSpan.TicksPerMillisecond);
        var before = Volatile.Read(ref _contradictions);
        var times = before > 0 && Math.Abs(Volatile.Read(ref _contradictionMs) - offset) <= DateSlackMs ? before + 1 : 1;
        Volatile.Write(ref _contradictionMs, offset);
        Volatile.Write(ref _contradictions, times < EnoughContradictions ? times : 0);
        return times >= EnoughContradictions;
    }

    // Each measurement takes the place of what was known before, once.
    private Anchor Latest()
    {
        while (true)
        {
            var anchor = Volatile.Read(ref _anchor);
            if (clock.Measurement is not { } measured || ReferenceEquals(measured, anchor.Measured))
            {
                return anchor;
            }

            var slack = (long)Math.Ceiling(measured.Slack.TotalMilliseconds);
            var lead = Bound(anchor, measured.ReceivedTimestamp) - measured.EarliestMs;
            var isCorrection = !anchor.Learned || lead > slack || -lead > Slack(anchor, measured.ReceivedTimestamp);
            var next = new Anchor(measured.EarliestMs, measured.ReceivedTimestamp, slack, Learned: true, isCorrection ? anchor.Corrections + 1 : anchor.Corrections, measured);
            if (TryReplace(anchor, next))
            {
                return next;
            }
        }
    }

    private bool TryReplace(Anchor anchor, Anchor next) => ReferenceEquals(Interlocked.CompareExchange(ref _anchor, next, anchor), anchor);

    private long Bound(Anchor anchor, long timestamp)
    {
        var elapsed = Elapsed(anchor, timestamp);
        return anchor.ExchangeMs + elapsed - (elapsed / DriftDivisor);
    }

    /// <summary>How far the exchange's time can be beyond the bound.</summary>
    private long Slack(Anchor anchor, long timestamp) => anchor.SlackMs + (2 * Math.Abs(Elapsed(anchor, timestamp)) / DriftDivisor);

    private long Elapsed(Anchor anchor, long timestamp) => _time.GetElapsedTime(anchor.Timestamp, timestamp).Ticks / TimeSpan.TicksPerMillisecond;

    private sealed record Anchor(long ExchangeMs, long Timestamp, long SlackMs, bool Learned, int Corrections, ClockMeasurement? Measured);

    private sealed record DateText(string Text, long Milliseconds);
}
