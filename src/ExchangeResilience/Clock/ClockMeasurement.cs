namespace ExchangeResilience;

/// <summary>
/// An accepted sample. The exchange read its clock somewhere between sending and receiving, so that at the moment of receipt its
/// time was at least what it answered, and at most that plus the round trip and the millisecond it cut off.
/// </summary>
internal sealed record ClockMeasurement
{
    /// <summary>A slower answer says too little: the default receive window is 5 s.</summary>
    public static readonly TimeSpan MaxRoundTrip = TimeSpan.FromSeconds(10);

    private readonly TimeProvider _time;
    private readonly long _earliestTicks;
    private readonly long _slackTicks;
    private readonly DateTimeOffset _wall;

    /// <exception cref="ClockSampleRefusedException">The sample cannot be true.</exception>
    public ClockMeasurement(ClockSample sample, int steps, TimeProvider time)
    {
        if (!ServerTime.IsPossible(sample.ServerMs))
        {
            throw new ClockSampleRefusedException($"The exchange's time {sample.ServerMs} is not a time in milliseconds between 2017 and 2100.");
        }

        if (sample.ReceivedTimestamp < sample.SentTimestamp)
        {
            throw new ClockSampleRefusedException("The answer was received before the question was sent.");
        }

        var roundTrip = time.GetElapsedTime(sample.SentTimestamp, sample.ReceivedTimestamp);
        if (roundTrip > MaxRoundTrip)
        {
            throw new ClockSampleRefusedException($"The exchange's time took longer than {MaxRoundTrip.TotalSeconds:F0} s to arrive.");
        }

        _time = time;
        ReceivedTimestamp = sample.ReceivedTimestamp;
        _earliestTicks = sample.ServerMs * TimeSpan.TicksPerMillisecond;
        _slackTicks = roundTrip.Ticks + TimeSpan.TicksPerMillisecond;
        _wall = time.GetUtcNow() - Age;
        Steps = steps;
    }

    /// <summary>Given when it becomes the clock's current one.</summary>
    public int Generation { get; init; }

    /// <summary>How many wall-clock steps had been noticed when the query was sent.</summary>
    public int Steps { get; }

    /// <summary>When it was received, by the monotonic clock.</summary>
    public long ReceivedTimestamp { get; }

    /// <summary>The earliest that it can have been at the exchange by then, in milliseconds since 1970.</summary>
    public long EarliestMs => _earliestTicks / TimeSpan.TicksPerMillisecond;

    /// <summary>How much later it can have been.</summary>
    public TimeSpan Slack => new(_slackTicks);

    /// <summary>How far the best estimate may be off, either way: half the round trip, and half of the millisecond cut off.</summary>
    public TimeSpan Uncertainty => new(_slackTicks / 2);

    /// <summary>The exchange's time of the receipt.</summary>
    public DateTimeOffset TakenAt => DateTimeOffset.UnixEpoch.AddTicks(_earliestTicks + (_slackTicks / 2));

    public TimeSpan Age => _time.GetElapsedTime(ReceivedTimestamp);

    /// <summary>What it is at the exchange now if the wall clock alone is right about the time that has passed since.</summary>
    public DateTimeOffset NowByWallClock => TakenAt + (_time.GetUtcNow() - _wall);

    /// <summary>The middle of what it can be at the exchange now, for waiting and comparing; and the earliest, for stamping.</summary>
    public ClockReading Read() => ReadAt(_time.GetTimestamp());

    /// <inheritdoc cref="Read"/>
    /// <param name="now">The current timestamp of the <see cref="TimeProvider"/>.</param>
    public ClockReading ReadAt(long now)
    {
        var earliest = _earliestTicks + _time.GetElapsedTime(ReceivedTimestamp, now).Ticks;
        return new ClockReading(
            (earliest + (_slackTicks / 2)) / TimeSpan.TicksPerMillisecond,
            earliest / TimeSpan.TicksPerMillisecond,
            Generation);
    }
}
