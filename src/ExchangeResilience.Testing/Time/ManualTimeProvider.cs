using System.Globalization;

namespace ExchangeResilience.Testing;

/// <summary>
/// A <see cref="TimeProvider"/> that stands still until it is moved, with a wall clock and a monotonic clock of their own,
/// so that a test can step the one (as NTP or a resumed machine does) and leave the other alone.
/// </summary>
/// <remarks>
/// <para><see cref="TimeProvider.GetUtcNow"/> reads the wall clock; <see cref="TimeProvider.GetTimestamp"/>, every timer and everything built on them
/// (<c>Task.Delay</c>, <c>CancellationTokenSource</c>, <c>PeriodicTimer</c>) follow the monotonic clock.</para>
/// <para>A timer with a due time of zero fires at the next <see cref="Advance"/> (zero will do) or the next step of <see cref="RunAsync(Func{Task}, TimeSpan?)"/>.</para>
/// <para>Thread-safe. Callbacks run on the thread that advances, without any lock held.</para>
/// </remarks>
public sealed partial class ManualTimeProvider : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly SortedSet<ManualTimer> _armed = new(ManualTimer.FiringOrder);
    private DateTimeOffset _wall;
    private long _monotonic;
    private long _created;
    private long _changes;

    /// <summary>Creates a provider whose wall clock shows 1 January 2026, 00:00 UTC.</summary>
    public ManualTimeProvider()
        : this(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Creates a provider whose wall clock shows <paramref name="start"/>; the monotonic clock starts at zero.</summary>
    /// <param name="start">What the wall clock shows first.</param>
    public ManualTimeProvider(DateTimeOffset start) => _wall = start.ToUniversalTime();

    /// <summary>Ticks of 100 ns.</summary>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>UTC, so that tests read alike everywhere.</summary>
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    /// <summary>How far the monotonic clock has moved since the provider was created.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(GetTimestamp());

    /// <summary>How many timers are armed.</summary>
    public int ActiveTimers
    {
        get { lock (_gate) { return _armed.Count; } }
    }

    /// <summary>How long until the earliest armed timer is due (zero if it is due already); null if none is armed.</summary>
    public TimeSpan? NextDue
    {
        get { lock (_gate) { return _armed.Min is { } next ? TimeSpan.FromTicks(Math.Max(0, next.Due - _monotonic)) : null; } }
    }

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _wall;
        }
    }

    /// <inheritdoc />
    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _monotonic;
        }
    }

    /// <summary>
    /// Moves both clocks forward. Every timer that comes due fires on this thread, in order of due time and then of creation,
    /// while both clocks show the very instant it was due; a periodic timer fires once for each of its periods.
    /// </summary>
    /// <param name="time">How far; zero fires what is due already.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="time"/> is negative.</exception>
    public void Advance(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);

        long target;
        lock (_gate)
        {
            target = _monotonic + time.Ticks;
        }

        while (TakeDue(target) is { } due)
        {
            due.Fire();
        }
    }

    /// <summary>
    /// Moves the wall clock alone, as a time correction does, or a virtual machine that was suspended while its monotonic clock stopped.
    /// No timer fires.
    /// </summary>
    /// <param name="step">How far; negative steps it back.</param>
    public void StepWallClock(TimeSpan step)
    {
        lock (_gate)
        {
            _wall += step;
        }
    }

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);

        var timer = new ManualTimer(this, callback, state, Interlocked.Increment(ref _created));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Both clocks and the timers, for a debugger or a failed assertion.</summary>
    public override string ToString()
    {
        lock (_gate)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{_wall:O} (+{TimeSpan.FromTicks(_monotonic):c}), {_armed.Count} timers armed");
        }
    }

    /// <summary>Takes the earliest timer due by <paramref name="target"/> and sets the clocks to its instant; with none left, sets them to the target.</summary>
    private ManualTimer? TakeDue(long target)
    {
        lock (_gate)
        {
            var next = _armed.Min;
            if (next is null || next.Due > target)
            {
                MoveTo(target);
                return null;
            }

            MoveTo(next.Due);
            _armed.Remove(next);
            if (next.Period > 0)
            {
                next.Due += next.Period;
                _armed.Add(next);
            }

            _changes++;
            return next;
        }
    }

    private void MoveTo(long monotonic)
    {
        if (monotonic > _monotonic)
        {
            _wall += TimeSpan.FromTicks(monotonic - _monotonic);
            _monotonic = monotonic;
        }
    }

    private sealed class ManualTimer(ManualTimeProvider owner, TimerCallback callback, object? state, long sequence) : ITimer
    {
        // As with the system's timers, a callback sees the ambient values of the code that created its timer.
        private readonly ExecutionContext? _context = ExecutionContext.Capture();
        private bool _disposed;

        public static IComparer<ManualTimer> FiringOrder { get; } =
            Comparer<ManualTimer>.Create(static (a, b) => a.Due != b.Due ? a.Due.CompareTo(b.Due) : a.Sequence.CompareTo(b.Sequence));

        public long Due { get; set; }

        public long Period { get; private set; }

        private long Sequence => sequence;

        public void Fire()
        {
            if (_context is null)
            {
                callback(state);
            }
            else
            {
                ExecutionContext.Run(_context, callback.Invoke, state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(dueTime, Timeout.InfiniteTimeSpan);
            ArgumentOutOfRangeException.ThrowIfLessThan(period, Timeout.InfiniteTimeSpan);

            lock (owner._gate)
            {
                if (_disposed)
                {
                    return false;
                }

                owner._changes++;
                owner._armed.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = owner._monotonic + dueTime.Ticks;
                    Period = Math.Max(0, period.Ticks);
                    owner._armed.Add(this);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (owner._gate)
            {
                owner._changes++;
                owner._armed.Remove(this);
                _disposed = true;
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
