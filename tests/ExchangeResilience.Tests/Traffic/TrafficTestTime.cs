namespace ExchangeResilience.Tests.Traffic;

/// <summary>Time by hand: a wall clock that can be stepped, and a monotonic one that cannot.</summary>
internal sealed class TrafficTestTime : TimeProvider
{
    private readonly Lock _sync = new();
    private readonly List<ManualTimer> _timers = [];
    private long _ticks = 1_000_000;
    private long _wallTicks = new DateTimeOffset(2026, 3, 1, 12, 0, 22, TimeSpan.Zero).UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _wallTicks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public long In(TimeSpan span) => GetTimestamp() + span.Ticks;

    public void StepWallClock(TimeSpan step) => Interlocked.Add(ref _wallTicks, step.Ticks);

    public void Advance(TimeSpan span)
    {
        var end = _ticks + span.Ticks;
        while (NextDue(end) is { } timer)
        {
            // Another thread may have set it anew since.
            MoveTo(Math.Clamp(timer.DueAt, _ticks, end));
            timer.Fire();
        }

        MoveTo(end);
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private void MoveTo(long ticks)
    {
        Interlocked.Add(ref _wallTicks, ticks - _ticks);
        Interlocked.Exchange(ref _ticks, ticks);
    }

    private ManualTimer? NextDue(long end)
    {
        lock (_sync)
        {
            return _timers.Where(timer => timer.DueAt <= end).MinBy(timer => timer.DueAt);
        }
    }

    private sealed class ManualTimer(TrafficTestTime time, TimerCallback callback, object? state) : ITimer
    {
        public long DueAt { get; private set; } = long.MaxValue;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._sync)
            {
                time._timers.Remove(this);
                DueAt = dueTime < TimeSpan.Zero ? long.MaxValue : time.GetTimestamp() + dueTime.Ticks;
                if (DueAt != long.MaxValue)
                {
                    time._timers.Add(this);
                }
            }

            return true;
        }

        public void Fire()
        {
            Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            callback(state);
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
