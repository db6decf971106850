namespace ExchangeResilience;

/// <summary>
/// The time at the exchange, one for each environment: a measured instant carried on by the monotonic clock, so that no change of
/// the local wall clock moves it. Reads take no lock.
/// </summary>
internal sealed class ExchangeClock(string environment, TimeProvider time)
{
    // Slewing (NTP corrects at most 0.5 ms/s) stays far below this between two checks; a step or a suspended machine does not.
    private static readonly TimeSpan StepThreshold = TimeSpan.FromMilliseconds(500);

    // Younger than this, a measurement gives way to a tighter one only; older, drift makes the newer one the better, unless that one says too little.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    // Dates that go on contradicting what was measured are wrong themselves, and must not have it measured without end.
    private static readonly TimeSpan Outweighs = TimeSpan.FromMinutes(1);

    // What refuses stamps although the clock is right goes on doing so; asking for the time each time would spend the weight that orders need.
    private static readonly TimeSpan ServesFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ServesLongest = TimeSpan.FromMinutes(1);

    // A Date is cut to the second, and its reply travelled for less than another.
    private static readonly TimeSpan DateLag = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan PauseBetweenNews = TimeSpan.FromMinutes(1);

    private readonly Lock _publishing = new();
    private readonly MeasurementPacing _pacing = new(time);
    private volatile ClockMeasurement? _current;
    private TaskCompletionSource? _flight;
    private long _wallMinusMonotonic = WallMinusMonotonic(time);
    private int _steps;
    private int _refining;
    private volatile ClockMeasurement? _contradicted;
    private volatile Confirmation? _confirmation;
    private volatile bool _isOutOfReach;
    private long _failedAt = long.MinValue;
    private long _toldAt = long.MinValue;

    public string Environment { get; } = environment;

    /// <summary>The source of monotonic time that samples must be taken with.</summary>
    public TimeProvider Time { get; } = time;

    public bool IsSynchronised => _current is not null;

    /// <summary>The last measurement; null before the first.</summary>
    public ClockMeasurement? Measurement => _current;

    /// <summary>0 before the first measurement, one more with each that is accepted.</summary>
    public int Generation => _current?.Generation ?? 0;

    /// <summary>A measurement failed, or took longer than a call could wait, within the last 10 s: waiting for another now is time lost.</summary>
    public bool HasFailedLately => Volatile.Read(ref _failedAt) is not long.MinValue and var failedAt && Time.GetElapsedTime(failedAt) < PauseAfterFailure;

    /// <summary>The best estimate, in milliseconds since 1970; the local wall clock before the first measurement.</summary>
    public long NowMs => Read().NowMs;

    /// <summary>The time to sign with: never later than it can be at the exchange, because a stamp may lag by the whole receive window but lead by less than a second.</summary>
    public long StampMs => Read().StampMs;

    /// <summary>The exchange's time minus the local wall clock, by the best estimate; zero before the first measurement.</summary>
    public TimeSpan Offset => _current is { } current
        ? DateTimeOffset.FromUnixTimeMilliseconds(current.Read().NowMs) - Time.GetUtcNow()
        : TimeSpan.Zero;

    /// <summary>How far the best estimate may be off; <see cref="TimeSpan.MaxValue"/> before the first measurement.</summary>
    public TimeSpan Uncertainty => _current?.Uncertainty ?? TimeSpan.MaxValue;

    /// <summary>The exchange's time of the last measurement.</summary>
    public DateTimeOffset? SynchronisedAt => _current?.TakenAt;

    /// <summary>Estimate, stamp and generation of one and the same measurement.</summary>
    public ClockReading Read() => ReadAt(Time.GetTimestamp());

    /// <inheritdoc cref="Read"/>
    /// <param name="now">The current timestamp of <see cref="Time"/>.</param>
    public ClockReading ReadAt(long now)
    {
        if (_current is { } current)
        {
            return current.ReadAt(now);
        }

        var local = Time.GetUtcNow().ToUnixTimeMilliseconds();
        return new ClockReading(local, local, Generation: 0);
    }

    /// <summary>
    /// Whether to measure: never done, longer ago than the interval, so slow that it says too little, or the wall clock stepped against the monotonic one since the
    /// last check. A step leaves the monotonic base as good as it was, but a suspended machine, whose monotonic clock stood still, looks just like one.
    /// </summary>
    public bool NeedsSync(TimeSpan resyncInterval)
    {
        var steps = StepsSoFar();
        return _current is not { } current
            || current.Steps != steps
            || ((current.Age >= resyncInterval || MeasurementPacing.SaysTooLittle(current)) && _pacing.MayTry(resyncInterval));
    }

    /// <summary>Whether replies have contradicted the measurement that is in use, so that it is worth another.</summary>
    public bool IsContradicted => _contradicted is { } contradicted && ReferenceEquals(contradicted, _current);

    public ClockSnapshot Snapshot() => new()
    {
        Environment = Environment,
        IsSynchronised = IsSynchronised,
        Offset = Offset,
        Uncertainty = Uncertainty,
        Measurements = Generation,
        MeasuredAt = SynchronisedAt,
        HasFailed = _isOutOfReach,
    };

    /// <summary>Several replies agree on another time. That moves no clock: it has this one measured again, unless that was just done and the machine was not suspended since.</summary>
    public void Contradict(ClockMeasurement measurement)
    {
        if (measurement.Age >= Outweighs || measurement.Steps != StepsSoFar())
        {
            _contradicted = measurement;
        }
    }

    /// <summary>
    /// Whether a -1021 on a stamp of that generation means anything: once a newer measurement was accepted, the stamp's fault is
    /// known and mended.
    /// </summary>
    public bool IsNews(int generationOfTheAttempt) => generationOfTheAttempt >= Generation;

    /// <summary>
    /// Whether the last measurement, which agreed with the one before, serves for a stamp that was refused since: for a second, and for twice as long each time that it is confirmed again
    /// soon after. Not where the refusal does not fit it.
    /// </summary>
    public bool IsJustConfirmed(DateTimeOffset? replyDate) =>
        _confirmation is { } confirmation && Time.GetElapsedTime(confirmation.At) < confirmation.Serves && Fits(replyDate);

    /// <summary>Whether neither the Date of a reply that has just come, nor a machine that may have been suspended, contradicts the measurement.</summary>
    public bool Fits(DateTimeOffset? replyDate)
    {
        if (_current is not { } current || current.Steps != StepsSoFar())
        {
            return false;
        }

        if (replyDate is not { } date)
        {
            return true;
        }

        var ahead = date - DateTimeOffset.FromUnixTimeMilliseconds(current.Read().NowMs);
        return IsWithin(ahead, current) || (_confirmation is { RefutedAhead: { } refuted } last && Time.GetElapsedTime(last.At) < last.Serves && IsWithin(ahead - refuted, current));
    }

    /// <summary>
    /// The exchange's time by the Date of a reply that has just come, where the wall clock agrees that more has passed than the monotonic clock has counted, which stops
    /// while the machine is suspended; null elsewhere. Neither says so alone.
    /// </summary>
    public DateTimeOffset? AfterSuspension(DateTimeOffset? replyDate) =>
        _current is { } current && replyDate is { } date && current.NowByWallClock - DateTimeOffset.FromUnixTimeMilliseconds(current.Read().NowMs) > StepThreshold && IsWithin(date - current.NowByWallClock, current)
            ? date
            : null;

    /// <summary>The Date of a refusal that a measurement has just disagreed with, as the one before did: as long as that serves, Dates that are wrong by as much say nothing new.</summary>
    public void Refute(DateTimeOffset? replyDate)
    {
        lock (_publishing)
        {
            if (replyDate is { } date && _current is { } current && _confirmation is { } confirmation)
            {
                _confirmation = confirmation with { RefutedAhead = date - DateTimeOffset.FromUnixTimeMilliseconds(current.Read().NowMs) };
            }
        }
    }

    /// <summary>
    /// Measures once, unless another call has since the generation that the caller found wanting; callers at the same time share the one measurement and its failure.
    /// Cancelling stops the caller's wait only.
    /// </summary>
    /// <exception cref="ClockSampleRefusedException">The answer cannot be true, or none came within 10 s.</exception>
    public Task SynchroniseAsync(Func<CancellationToken, Task<ClockSample>> ask, int observedGeneration, CancellationToken cancellationToken)
    {
        TaskCompletionSource flight;
        var mine = false;
        lock (_publishing)
        {
            if (!IsNews(observedGeneration))
            {
                return Task.CompletedTask;
            }

            if (_flight is null)
            {
                _flight = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                mine = true;
            }

            flight = _flight;
        }

        if (mine)
        {
            _ = FlyAsync(flight, ask);
        }

        return flight.Task.WaitAsync(cancellationToken);
    }

    /// <summary>
    /// Takes several samples in the background and keeps the one with the shortest round trip. Does nothing while another refinement
    /// runs, or shortly after one failed. It never fails, and no call needs to wait for it.
    /// </summary>
    /// <returns>Why no sample was taken; null where one was, or none was needed.</returns>
    public Task<Exception?> StartRefine(Func<CancellationToken, Task<ClockSample>> ask, int samples)
    {
        if (Interlocked.Exchange(ref _refining, 1) != 0)
        {
            return Task.FromResult<Exception?>(null);
        }

        if (!HasFailedLately)
        {
            return RefineAsync(ask, samples);
        }

        Volatile.Write(ref _refining, 0);
        return Task.FromResult<Exception?>(null);
    }

    /// <summary>A measurement failed. True once a minute, for the log.</summary>
    public bool NoteFailure()
    {
        var now = Time.GetTimestamp();
        Volatile.Write(ref _failedAt, now);
        var toldAt = Volatile.Read(ref _toldAt);
        return (toldAt == long.MinValue || Time.GetElapsedTime(toldAt, now) >= PauseBetweenNews) && Interlocked.CompareExchange(ref _toldAt, now, toldAt) == toldAt;
    }

    private static bool IsWithin(TimeSpan ahead, ClockMeasurement current)
    {
        var tolerance = current.Uncertainty + StepThreshold;
        return ahead <= tolerance && ahead >= -tolerance - DateLag;
    }

    private static long WallMinusMonotonic(TimeProvider time) => time.GetUtcNow().Ticks - time.GetElapsedTime(0).Ticks;

    private void NoticeSteps()
    {
        var difference = WallMinusMonotonic(Time);
        if (Math.Abs(difference - Interlocked.Exchange(ref _wallMinusMonotonic, difference)) > StepThreshold.Ticks)
        {
            Interlocked.Increment(ref _steps);
        }
    }

    private int StepsSoFar()
    {
        NoticeSteps();
        return Volatile.Read(ref _steps);
    }

    private bool Agrees(ClockMeasurement measurement) =>
        _current is { } current && Math.Abs(current.Read().NowMs - measurement.Read().NowMs) <= StepThreshold.TotalMilliseconds;

    private void Publish(ClockMeasurement measurement)
    {
        if (!Agrees(measurement))
        {
            _confirmation = null;
        }

        _isOutOfReach = false;
        _current = measurement with { Generation = Generation + 1 };
    }

    private void Confirm()
    {
        var now = Time.GetTimestamp();
        var serves = _confirmation is { } last && Time.GetElapsedTime(last.At, now) < last.Serves * 2 ? last.Serves * 2 : ServesFirst;
        _confirmation = new Confirmation(now, TimeSpan.Min(serves, ServesLongest)) { RefutedAhead = _confirmation?.RefutedAhead };
    }

    private void Offer(ClockMeasurement best)
    {
        lock (_publishing)
        {
            _isOutOfReach = false;
            if (_current is { } current && current.Steps >= best.Steps && (current.Age < Fresh || (MeasurementPacing.SaysTooLittle(best) && !IsContradicted)) && current.Uncertainty <= best.Uncertainty)
            {
                return;
            }

            Publish(best);
        }
    }

    private async Task<ClockMeasurement> MeasureAsync(Func<CancellationToken, Task<ClockSample>> ask)
    {
        var steps = StepsSoFar();
        using var limit = new CancellationTokenSource(ClockMeasurement.MaxRoundTrip, Time);
        try
        {
            return new ClockMeasurement(await ask(limit.Token).WaitAsync(limit.Token).ConfigureAwait(false), steps, Time);
        }
        catch (OperationCanceledException cancelled)
        {
            // Not the cancellation of anyone who waits: they must see a failure.
            throw new ClockSampleRefusedException("The exchange was asked for its time and gave no answer.", cancelled);
        }
    }

    private async Task FlyAsync(TaskCompletionSource flight, Func<CancellationToken, Task<ClockSample>> ask)
    {
        try
        {
            var measurement = await MeasureAsync(ask).ConfigureAwait(false);
            lock (_publishing)
            {
                var isConfirmed = Agrees(measurement);
                Publish(measurement);
                if (isConfirmed)
                {
                    Confirm();
                }

                _flight = null;
            }

            flight.SetResult();
        }
        catch (Exception failure)
        {
            lock (_publishing)
            {
                _flight = null;
            }

            _isOutOfReach = true;
            flight.SetException(failure);
            _ = flight.Task.Exception; // Every waiter may have gone.
        }
    }

    private async Task<Exception?> RefineAsync(Func<CancellationToken, Task<ClockSample>> ask, int samples)
    {
        try
        {
            ClockMeasurement? best = null;
            Exception? failure = null;
            for (var i = 0; i < samples && failure is null; i++)
            {
                try
                {
                    var measurement = await MeasureAsync(ask).ConfigureAwait(false);
                    if (best is null || measurement.Uncertainty < best.Uncertainty)
                    {
                        best = measurement;
                    }
                }
                catch (Exception error)
                {
                    // The lane is closed for now, so no further sample is taken.
                    failure = error;
                }
            }

            if (best is not null)
            {
                Offer(best);
                _pacing.Note(best);
            }

            _isOutOfReach = best is null;
            Volatile.Write(ref _failedAt, failure is null ? long.MinValue : Time.GetTimestamp());
            return best is null ? failure : null;
        }
        finally
        {
            Volatile.Write(ref _refining, 0);
        }
    }

    /// <param name="At">When a measurement agreed with the one before.</param>
    /// <param name="Serves">For how long it serves.</param>
    private sealed record Confirmation(long At, TimeSpan Serves)
    {
        /// <summary>How far a Date was ahead of what was confirmed; null where none was seen.</summary>
        public TimeSpan? RefutedAhead { get; init; }
    }
}
