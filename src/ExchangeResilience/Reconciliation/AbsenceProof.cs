namespace ExchangeResilience;

/// <summary>
/// Collects answers of "no such order" until they prove that none exists: the first counts only if it was asked after every window had closed
/// on the exchange's own clock, the last only a settle margin later, and there are at least as many as configured.
/// </summary>
internal sealed class AbsenceProof(long deadlineMs, ReconciliationOptions options)
{
    private readonly long _settledMs = deadlineMs + (long)options.SettleMargin.TotalMilliseconds;
    private int _answers;
    private long _lastCountedMs;

    public int Answers => _answers;

    /// <summary>Whether an answer given at about this time could count.</summary>
    public bool MayCount(long nowMs) => nowMs > deadlineMs;

    /// <summary>True once the proof is complete.</summary>
    /// <param name="askedAtMs">The exchange's time, asked from it before the question was put.</param>
    public bool Add(long askedAtMs)
    {
        if (askedAtMs <= deadlineMs)
        {
            return false;
        }

        _answers++;
        _lastCountedMs = askedAtMs;
        return _answers >= options.MinimumAbsences && askedAtMs > _settledMs;
    }

    /// <summary>How long to wait from <paramref name="nowMs"/> before the next question is worth its weight.</summary>
    public TimeSpan Pause(long nowMs, TimeSpan usual)
    {
        var untilOpen = deadlineMs + 1 - nowMs;
        if (untilOpen > 0)
        {
            return Shorter(usual, untilOpen);
        }

        // An answer that has just counted tells the exchange's time exactly. Our own may be some milliseconds ahead of it, and then the last question,
        // put a moment too early, would be followed by the longest pause. Where no answer counted, nothing is gained by asking soon.
        var counted = _lastCountedMs;
        _lastCountedMs = 0;
        var untilSettled = _settledMs + 1 - (counted > 0 ? counted : nowMs);
        var rest = Math.Max(1, options.MinimumAbsences - _answers);
        return untilSettled > 0 ? Shorter(usual, Math.Max(1, untilSettled / rest))
            : counted > 0 && options.FirstPause < usual ? options.FirstPause
            : usual;
    }

    private static TimeSpan Shorter(TimeSpan usual, long milliseconds) =>
        milliseconds < usual.TotalMilliseconds ? TimeSpan.FromMilliseconds(milliseconds) : usual;
}
