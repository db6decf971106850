namespace ExchangeResilience;

/// <summary>The attempts of one claim, and the windows in which they may have worked.</summary>
internal sealed class ClaimAttempts
{
    private readonly Lock _lock = new();

    // Nearly every claim has one attempt, and one window.
    private AttemptWindow[] _windows = [];
    private AttemptWindow[] _refused = [];
    private JournalAttempt[] _promised = [];
    private IReadOnlyList<AttemptWindow> _inherited = [];
    private Func<AttemptWindow?>? _open;
    private bool _unstamped;
    private bool _areWrittenAhead;

    /// <summary>Whether each is in the journal with the stamps it may have; else the journal gets the attempts once they are in doubt.</summary>
    public bool AreWrittenAhead
    {
        get { lock (_lock) { return _areWrittenAhead; } }
    }

    /// <summary>Every attempt with the stamps it may have: those written before it left, else the one it had.</summary>
    public IReadOnlyList<JournalAttempt> Written
    {
        get
        {
            lock (_lock)
            {
                return _areWrittenAhead ? _promised
                    : _unstamped ? [new JournalAttempt(0, long.MaxValue, 0)]
                    : [.. _windows.Select(window => new JournalAttempt(window.FirstStampMs, window.LastStampMs, window.RecvWindowMs))];
            }
        }
    }

    /// <summary>Whether an attempt has left that was not refused for certain.</summary>
    public bool MayHaveWorked
    {
        get { lock (_lock) { return _unstamped || _windows.Length > 0 || _open is not null; } }
    }

    /// <summary>How long after it was sent the exchange may yet take it, in milliseconds: 0 where no attempt may have worked, without end while one that has no stamp is under way.</summary>
    public long LongestWindowMs
    {
        get
        {
            lock (_lock)
            {
                var open = _open is null ? 0 : _open()?.RecvWindowMs ?? long.MaxValue;
                return _windows.Aggregate(open, static (longest, window) => Math.Max(longest, window.RecvWindowMs));
            }
        }
    }

    /// <summary>The windows of all attempts that may have worked; null where one of them has no stamp, so that nothing bounds it and absence can never be proved.</summary>
    public IReadOnlyList<AttemptWindow>? Windows
    {
        get
        {
            lock (_lock)
            {
                return _unstamped ? null
                    : _open?.Invoke() is { } open ? [.. _windows, open]
                    : _windows;
            }
        }
    }

    /// <summary>
    /// Every window in which the order may have come to be: also of attempts that were refused, where the exchange shows an open order of that id all the same, and of what was
    /// believed absent. Null where an attempt has no stamp.
    /// </summary>
    public IReadOnlyList<AttemptWindow>? Traces
    {
        get
        {
            lock (_lock)
            {
                return _unstamped ? null : [.. _inherited, .. _refused, .. Windows!];
            }
        }
    }

    /// <summary>The journal is about to hold an attempt that has not left yet.</summary>
    public void Promise(JournalAttempt attempt)
    {
        lock (_lock)
        {
            _areWrittenAhead = true;
            _promised = [.. _promised, attempt];
        }
    }

    public void Unwrite()
    {
        lock (_lock)
        {
            _areWrittenAhead = false;
            _promised = [];
        }
    }

    /// <summary>Takes over what the journal holds: every attempt may have any stamp within the bounds that were written.</summary>
    public void TakeOver(IReadOnlyList<JournalAttempt> attempts)
    {
        lock (_lock)
        {
            _promised = [];
            Learn(attempts);
        }
    }

    /// <summary>The process that sends the order has written down further attempts.</summary>
    public void Learn(IReadOnlyList<JournalAttempt> attempts)
    {
        lock (_lock)
        {
            _areWrittenAhead = true;
            JournalAttempt[] further = [.. attempts.Except(_promised)];
            _promised = [.. _promised, .. further];
            _unstamped |= Array.Exists(further, static attempt => attempt.NoStampAfterMs == long.MaxValue);
            _windows = [.. _windows, .. further.Select(static attempt => new AttemptWindow(attempt.NotBeforeMs, attempt.NoStampAfterMs, attempt.RecvWindowMs))];
        }
    }

    public void Inherit(ClaimAttempts earlier)
    {
        // Of a loop that is refused each second, the windows are one.
        List<AttemptWindow> traces = [];
        foreach (var window in earlier.Traces ?? [])
        {
            if (traces is [.., var last] && last.Joined(window) is { } both)
            {
                traces[^1] = both;
            }
            else
            {
                traces.Add(window);
            }
        }

        lock (_lock)
        {
            _inherited = traces;
        }
    }

    /// <summary>An attempt leaves, and may work from now on. The function gives its window once it is stamped, and null where it has no stamp.</summary>
    public void Open(Func<AttemptWindow?> window)
    {
        lock (_lock)
        {
            _open = window;
        }
    }

    /// <summary>An attempt has had its answer, or none. One that was refused for certain, or never left, opens no window.</summary>
    public void Close(bool mayHaveWorked)
    {
        lock (_lock)
        {
            if (_open is { } window)
            {
                if (mayHaveWorked)
                {
                    NoteWindow(window());
                }
                else if (window() is { } refused)
                {
                    _refused = [.. _refused, refused];
                }
            }

            _open = null;
        }
    }

    /// <summary>An attempt has left that may have worked; null where it has no stamp.</summary>
    public void Add(AttemptWindow? window)
    {
        lock (_lock)
        {
            NoteWindow(window);
        }
    }

    private void NoteWindow(AttemptWindow? window)
    {
        if (window is { } known)
        {
            _windows = [.. _windows, known];
        }
        else
        {
            _unstamped = true;
        }
    }
}
