namespace ExchangeResilience;

/// <summary>
/// The requests that wait at the gates of one environment, in order of priority. Whenever something may have become free the rows are walked from the front, so that a request
/// gets all it needs at once or nothing. Guarded by the scheduler's lock, but for <see cref="Any"/>.
/// </summary>
internal sealed class WaiterRows
{
    private readonly TimeProvider _time;
    private readonly TimerCallback _expire;
    private readonly Action<object?> _cancel;
    private readonly ITimer _timer;
    private readonly LinkedList<Waiter>[] _rows = [.. Enumerable.Range(0, TrafficRule.Classes).Select(_ => new LinkedList<Waiter>())];
    private volatile int _waiters;
    private long _lookAgainAt = long.MaxValue;

    /// <summary>Outside the lock, <paramref name="lookAgain"/> is called once the first waiter may be let through, and <paramref name="expire"/> with one whose time is up.</summary>
    public WaiterRows(TimeProvider time, Action lookAgain, TimerCallback expire, Action<object?> cancel)
    {
        _time = time;
        _expire = expire;
        _cancel = cancel;

        // The timer outlives the request that happened to need it first, and must not carry that request's context along.
        var flow = ExecutionContext.IsFlowSuppressed() ? default : ExecutionContext.SuppressFlow();
        using (flow)
        {
            _timer = time.CreateTimer(static state => ((Action)state!)(), lookAgain, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    public bool Any => _waiters != 0;

    /// <summary>Whether the time has come at which the first waiter may be let through.</summary>
    public bool IsDue(long now) => now >= _lookAgainAt;

    public void Walk(long now)
    {
        var lookAgainAt = long.MaxValue;
        foreach (var row in _rows)
        {
            for (var place = row.First; place is not null;)
            {
                var waiter = place.Value;
                place = place.Next;
                var waited = _time.GetElapsedTime(waiter.Since, now);
                if (waiter.Path.TryAdmit(waiter.Request, now, waited, out var admission, out var blocker))
                {
                    Answer(waiter, admission);
                }
                else if (blocker.Until > waiter.WaitUntil)
                {
                    Answer(waiter, Refusal(blocker.Reason, blocker, waited, now));
                }
                else
                {
                    StandBefore(waiter, blocker);
                    lookAgainAt = Math.Min(lookAgainAt, blocker.LookAgainAt);
                }
            }
        }

        LookAgainAt(lookAgainAt, now);
    }

    public void Add(Waiter waiter, in Blocker blocker, long now)
    {
        waiter.Place = _rows[(int)waiter.Request.Class].AddLast(waiter);
        _waiters++;
        StandBefore(waiter, blocker);
        if (blocker.LookAgainAt < _lookAgainAt)
        {
            LookAgainAt(blocker.LookAgainAt, now);
        }

        if (waiter.WaitUntil != long.MaxValue)
        {
            waiter.Expiry = _time.CreateTimer(_expire, waiter, Due(now, waiter.WaitUntil), Timeout.InfiniteTimeSpan);
        }

        // Runs at once where the token is cancelled by now; the lock may be entered again by its holder.
        waiter.Cancellation = waiter.CancellationToken.UnsafeRegister(_cancel, waiter);
    }

    public void Expire(Waiter waiter)
    {
        if (waiter.Place is not null)
        {
            var now = _time.GetTimestamp();
            Answer(waiter, Refusal(waiter.Blocker.Reason, waiter.Blocker, _time.GetElapsedTime(waiter.Since, now), now));
        }
    }

    public void Cancel(Waiter waiter)
    {
        if (waiter.Place is not null)
        {
            Remove(waiter);
            waiter.TrySetCanceled(waiter.CancellationToken);
        }
    }

    /// <summary>A full lane gives up the youngest of the least urgent before it turns a more urgent request away.</summary>
    public bool TryGiveUpLesser(Lane lane, TrafficClass trafficClass, long now)
    {
        for (var i = _rows.Length - 1; i > (int)trafficClass; i--)
        {
            for (var place = _rows[i].Last; place is not null; place = place.Previous)
            {
                var waiter = place.Value;
                if (waiter.Blocker.Lane == lane)
                {
                    Answer(waiter, Refusal(RefusalReason.TooManyWaiters, waiter.Blocker, _time.GetElapsedTime(waiter.Since, now), now));
                    return true;
                }
            }
        }

        return false;
    }

    public Admission Refusal(RefusalReason reason, in Blocker blocker, TimeSpan waited, long now) =>
        Admission.Refuse(reason, blocker.Lane is { } lane && lane.WhenHeld == reason ? lane.Code : null, _time.WallClockAt(now, blocker.Until), waited);

    /// <summary>The program ends: no request waits any longer.</summary>
    public void CancelAll()
    {
        _timer.Dispose();
        foreach (var waiter in _rows.SelectMany(row => row).ToArray())
        {
            Remove(waiter);
            waiter.TrySetCanceled();
        }
    }

    private void Answer(Waiter waiter, in Admission admission)
    {
        Remove(waiter);
        waiter.TrySetResult(admission);
    }

    private void Remove(Waiter waiter)
    {
        _rows[(int)waiter.Request.Class].Remove(waiter.Place!);
        _waiters--;
        waiter.Place = null;
        waiter.Blocker.Lane!.Waiters--;
        waiter.Expiry?.Dispose();

        // Unregister, unlike Dispose, does not wait for a cancellation that may itself be waiting for this lock.
        waiter.Cancellation.Unregister();
    }

    private static void StandBefore(Waiter waiter, in Blocker blocker)
    {
        if (waiter.Blocker.Lane is { } before)
        {
            before.Waiters--;
        }

        blocker.Lane!.Waiters++;
        waiter.Blocker = blocker;
    }

    private void LookAgainAt(long timestamp, long now)
    {
        // Armed again even for the same instant: a timer may have fired a little early.
        if (timestamp != long.MaxValue || _lookAgainAt != long.MaxValue)
        {
            _timer.Change(timestamp == long.MaxValue ? Timeout.InfiniteTimeSpan : Due(now, timestamp), Timeout.InfiniteTimeSpan);
        }

        _lookAgainAt = timestamp;
    }

    // Timers cut to the millisecond; rounded up, they do not fire before their time. The longest is looked at once a day.
    private TimeSpan Due(long now, long timestamp) =>
        TimeSpan.FromMilliseconds(Math.Min(Math.Ceiling(_time.Left(now, timestamp).TotalMilliseconds), TimeSpan.MillisecondsPerDay));
}
