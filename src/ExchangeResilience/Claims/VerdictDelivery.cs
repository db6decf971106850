namespace ExchangeResilience;

/// <summary>
/// Counts which calls have got a claim's verdict and which have ended without it. The application may repeat one that ended without it, and the repeat gets the verdict instead of sending again; a call that
/// repeats settles one such missing delivery, so that a loop waits for one verdict and not ten. Guarded by the table's lock.
/// </summary>
internal sealed class VerdictDelivery
{
    // A repeat that belongs to no running call, an unrelated loop's for instance, comes back within seconds. Later, an equal order is a wish of its own.
    private static readonly TimeSpan RepeatsComeWithin = TimeSpan.FromMinutes(1);

    private int _calls;
    private int _owed;
    private bool _hasReached;
    private bool _wasTroubled;
    private long _lastAt;

    /// <summary>The number of the last call that had been made when the verdict reached the application; no call up to it means another order.</summary>
    public long ReachedBy { get; private set; }

    public long SettledAt { get; set; }

    /// <summary>How long after the verdict a missing delivery is still made.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The verdict has reached the application, and no call of it is left that ended without it.</summary>
    public bool IsComplete => _hasReached && _owed == 0;

    public bool IsOwing => _owed > 0;

    /// <summary>What did nothing is sent again: a call that does not have that verdict is due the outcome of this one.</summary>
    public void GoOnFrom(VerdictDelivery earlier)
    {
        _owed = earlier._owed;
        _wasTroubled = earlier._wasTroubled;
        _lastAt = earlier._lastAt;
    }

    /// <summary>A call has come for it. An equal one that has run in parallel may have ended without ever meeting it.</summary>
    public void CountCall(bool isShared)
    {
        _wasTroubled |= ++_calls > 1 || isShared;
        if (_owed > 0)
        {
            _owed--;
        }
    }

    public void MarkTroubled() => _wasTroubled = true;

    /// <summary>A call has ended without the verdict.</summary>
    public void Owe(long now)
    {
        _owed++;
        _wasTroubled = true;
        _lastAt = now;
    }

    public void Reached(long now, long number)
    {
        // A repeat that is answered in the minute does not begin another one.
        _lastAt = IsComplete ? _lastAt : now;
        _hasReached = true;
        ReachedBy = Math.Max(ReachedBy, number);
    }

    /// <summary>A caller that waited for the verdict by another way has it.</summary>
    public void Pay(long now, long number)
    {
        _owed = Math.Max(0, _owed - 1);
        Reached(now, number);
    }

    /// <summary>Whether the verdict no longer answers an equal order, as far as its delivery goes.</summary>
    public bool IsOver(TimeProvider time, long now) =>
        IsComplete ? IsQuiet(time, now) : time.GetElapsedTime(SettledAt, now) > Retention;

    /// <summary>No repeat of it is expected that belongs to no running call.</summary>
    public bool IsQuiet(TimeProvider time, long now) => !_wasTroubled || time.GetElapsedTime(Math.Max(SettledAt, _lastAt), now) > RepeatsComeWithin;

    /// <summary>Whether an order that an application has built again, without an id, may be the repeat of this one.</summary>
    public bool ExpectRepeat(TimeProvider time, long now) => _owed > 0 && time.GetElapsedTime(Math.Max(SettledAt, _lastAt), now) <= RepeatsComeWithin;
}
