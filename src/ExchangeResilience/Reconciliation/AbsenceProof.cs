namespace ExchangeResilience;

/// <summary>
/// Collects answers of "no such order" until they prove that none exists: the first counts only if it was asked after every window had closed on the exchange's own clock,
/// the last only a settle margin later, and there are at least as many as configured. It must also ripen by this machine's monotonic clock: the exchange's may step, or one
/// of its fronts be wrong.
/// </summary>
internal sealed class AbsenceProof(long deadlineMs, ReconciliationOptions options, Func<TimeSpan> ripensIn)
{
    private readonly long _settledMs = deadlineMs + (long)options.SettleMargin.TotalMilliseconds;
    private int _answers;
    private bool _isAnswered;
    private long _answeredAtMs;

    public long DeadlineMs => deadlineMs;

    public int Answers => _answers;

    /// <summary>Whether an answer given at about this time could count.</summary>
    public bool MayCount(long nowMs) => nowMs > deadlineMs;

    /// <summary>True once the proof is complete. The exchange's time was queried before the look-up was sent; 0 where it was not, or was not answered.</summary>
    public bool Add(long askedAtMs)
    {
        _isAnswered = true;
        _answeredAtMs = askedAtMs;
        if (askedAtMs <= deadlineMs)
        {
            return false;
        }

        _answers++;
        return _answers >= options.MinimumAbsences && askedAtMs > _settledMs && ripensIn() == TimeSpan.Zero;
    }

    /// <summary>
    /// How long to wait from <paramref name="nowMs"/> before the next look-up is worth its weight. While the exchange answers, the look-ups that are still missing are
    /// spread so that the last of them ends the proof as soon as it may end; while it does not, nothing is gained by asking sooner than usual.
    /// </summary>
    public TimeSpan Pause(long nowMs, TimeSpan usual)
    {
        // An answer gives the exchange's time exactly. Our own may be some milliseconds ahead of it, and then the last look-up, sent a moment too early, would be
        // followed by the longest pause.
        var at = _answeredAtMs > 0 ? _answeredAtMs : nowMs;
        var helps = _isAnswered && (_answeredAtMs > 0 || !MayCount(nowMs));
        _isAnswered = false;
        if (!helps)
        {
            return usual;
        }

        var share = (_settledMs + 1 - at) / Math.Max(1, options.MinimumAbsences - _answers);
        var planned = at > _settledMs ? TimeSpan.Max(ripensIn(), options.FirstPause) : TimeSpan.FromMilliseconds(Math.Max(Math.Max(1, share), deadlineMs + 1 - at));
        return TimeSpan.Min(planned, usual);
    }
}
