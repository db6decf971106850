namespace ExchangeResilience.Tests;

/// <summary>A wall clock and a monotonic clock that move together, or apart.</summary>
internal sealed class ClockTestTime : TimeProvider
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Lock _sync = new();
    private readonly List<Timer> _timers = [];
    private long _wallTicks = Start.Ticks;
    private long _monotonicTicks = TimeSpan.FromDays(3).Ticks;

    // Not that of TimeSpan, so that an unconverted timestamp shows.
    public override long TimestampFrequency => TimeSpan.TicksPerSecond * 100;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _wallTicks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _monotonicTicks) * 100;

    /// <summary>Time goes on.</summary>
    public void Advance(TimeSpan by)
    {
        StepWall(by);
        Interlocked.Add(ref _monotonicTicks, by.Ticks);
        Timer[] due;
        lock (_sync)
        {
            due = [.. _timers.Where(timer => timer.DueTicks <= _monotonicTicks)];
            _timers.RemoveAll(due.Contains);
        }

        foreach (var timer in due)
        {
            timer.Fire();
        }
    }

    /// <summary>Somebody sets the wall clock.</summary>
    public void StepWall(TimeSpan by) => Interlocked.Add(ref _wallTicks, by.Ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Timer(ClockTestTime time, TimerCallback callback, object? state) : ITimer
    {
        public long DueTicks { get; private set; }

        public void Fire() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._sync)
            {
                time._timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    DueTicks = time._monotonicTicks + dueTime.Ticks;
                    time._timers.Add(this);
                }
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._sync)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
