namespace ExchangeResilience;

internal enum ClaimState
{
    InFlight,
    InDoubt,
    Settled,
}

/// <summary>
/// Whom to ask about a claim: the same host and the same key it was sent with. <c>CanAsk</c> is false where the client does not sign with the key the
/// request bore.
/// </summary>
internal sealed record ClaimOrigin(string ClientName, ExchangeVenue Venue, Uri Host, bool CanAsk);

/// <summary>
/// One order's right to leave. Others with the same key join it; it ends only when its verdict has reached a caller who was still there to hear it.
/// </summary>
internal sealed class Claim(ClaimKey key, ExchangeOperation operation, ClaimOrigin origin)
{
    private readonly Lock _lock = new();
    private readonly List<AttemptWindow> _windows = [];
    private readonly List<JournalAttempt> _promised = [];
    private readonly TaskCompletionSource<Verdict> _verdict = NewSource();
    private TaskCompletionSource<Verdict> _finding = NewSource();
    private ReplySnapshot? _lastReply;
    private ExchangeError? _lastError;
    private ClaimState _state;
    private bool _ownerListens = true;
    private bool _unstamped;
    private bool _cancelWanted;
    private bool _cancelTaken;
    private bool _idIsTaken;
    private bool _heard;
    private Claim? _teller;
    private InDoubtState _search;
    private Verdict? _found;
    private Verdict? _outcome;

    public ClaimKey Key { get; } = key;
    public ExchangeOperation Operation { get; } = operation;
    public ClaimOrigin Origin { get; } = origin;

    /// <summary>The exchange's ids of orders of the same name that were there before this one's first attempt: none of them is this one.</summary>
    public IReadOnlyCollection<string> OlderOrders { get; set; } = [];

    /// <summary>What was asked about it, and answered.</summary>
    public EvidenceTrail Trail { get; } = new();

    /// <summary>When the order was claimed, by the local wall clock.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The timestamp at which this process last learned that it is in doubt.</summary>
    public long DoubtedAt { get; set; }

    /// <summary>The entry under which it stands in the journal; null as long as it was not written down.</summary>
    public string? EntryId { get; set; }

    /// <summary>Whether the journal is known to hold it; an attempt that could not be written may stand there all the same.</summary>
    public bool IsInJournal { get; set; }

    /// <summary>Whether each attempt stands in the journal with the stamps it may bear; else the journal is told of attempts once they are in doubt.</summary>
    public bool IsWrittenAhead { get; private set; }

    /// <summary>The settled entry of the same key that does not stand in its way.</summary>
    public string? Supersedes { get; set; }

    /// <summary>When it was settled, by the local wall clock; null while it is not.</summary>
    public DateTimeOffset? SettledAt { get; set; }

    /// <summary>The exchange's time at which the answer of absence was asked that completed the proof; 0 while there is none.</summary>
    public long AbsentAtMs { get; set; }

    /// <summary>The earlier run whose verdict this is, recalled for what is still to be done about it; null where this run's own claims hold it.</summary>
    public string? RecalledFrom { get; init; }

    /// <summary>
    /// The run whose claims answer for it; null for this one. A recalled verdict stays the earlier run's, however often it is written: no claim here stands in the way of the
    /// same order, so that the journal must.
    /// </summary>
    public string? HeldBy
    {
        get { lock (_lock) { return _teller is null ? RecalledFrom : null; } }
    }

    /// <summary>Whether the verdict has reached the application.</summary>
    public bool Heard
    {
        get { lock (_lock) { return _teller?.Heard ?? _heard; } }
        set { lock (_lock) { _heard = value; } }
    }

    /// <summary>A claim of this run has met the recalled verdict, and tells it from now on.</summary>
    public void ToldBy(Claim teller)
    {
        lock (_lock)
        {
            _teller = teller;
        }
    }

    /// <summary>How often its absence has yet to be asked about again.</summary>
    public int RechecksLeft { get; set; }

    /// <summary>How the search for its truth stands, while it is in doubt.</summary>
    public InDoubtState Search
    {
        get { lock (_lock) { return _search; } }
        set { lock (_lock) { _search = value; } }
    }

    /// <summary>Another process holds it in the journal that both share: that one searches, and this one waits to be told.</summary>
    public bool IsHeldElsewhere => Search == InDoubtState.HeldElsewhere;

    /// <summary>Every attempt with the stamps it may bear: those written down before it left, else the one it did bear.</summary>
    public IReadOnlyList<JournalAttempt> Attempts
    {
        get
        {
            lock (_lock)
            {
                return IsWrittenAhead ? [.. _promised]
                    : _unstamped ? [new JournalAttempt(0, long.MaxValue, 0)]
                    : [.. _windows.Select(window => new JournalAttempt(window.FirstStampMs, window.LastStampMs, window.RecvWindowMs))];
            }
        }
    }

    public void Promise(JournalAttempt attempt)
    {
        lock (_lock)
        {
            IsWrittenAhead = true;
            _promised.Add(attempt);
        }
    }

    /// <summary>Takes over what the journal knows of the order: every attempt may bear any stamp that it was promised.</summary>
    public void TakeOver(JournalEntry entry)
    {
        lock (_lock)
        {
            EntryId = entry.Id;
            IsInJournal = true;
            AbsentAtMs = entry.AbsentAtMs;
            RechecksLeft = entry.RechecksLeft;
            IsWrittenAhead = true;
            _promised.Clear();
            _promised.AddRange(entry.Attempts);
            foreach (var attempt in entry.Attempts)
            {
                _unstamped |= attempt.NoStampAfterMs == long.MaxValue;
                _windows.Add(new AttemptWindow(attempt.NotBeforeMs, attempt.NoStampAfterMs, attempt.RecvWindowMs));
            }

            _cancelWanted |= entry.CancelWanted;
            _idIsTaken |= entry.IdIsTaken;
        }

        foreach (var line in entry.Trail)
        {
            Trail.Add(line);
        }
    }

    /// <summary>In doubt, by the journal's word: nobody owns it here.</summary>
    public void Adopt(JournalEntry entry, ExchangeError error)
    {
        TakeOver(entry);
        lock (_lock)
        {
            _ownerListens = false;
            _lastError = error;
            _state = ClaimState.InDoubt;
        }
    }

    /// <summary>The journal did not take it, so nothing of it stands there.</summary>
    public void Unwrite()
    {
        lock (_lock)
        {
            EntryId = null;
            IsWrittenAhead = false;
            _promised.Clear();
        }
    }

    public ClaimState State
    {
        get { lock (_lock) { return _state; } }
    }

    /// <summary>Completes once the claim is settled, for everybody who joined it.</summary>
    public Task<Verdict> Verdict => _verdict.Task;

    /// <summary>Completes when the reconciler has found out about the present doubt; the owner then decides whether that settles the claim.</summary>
    public Task<Verdict> Finding
    {
        get { lock (_lock) { return _finding.Task; } }
    }

    /// <summary>The verdict of a settled claim.</summary>
    public Verdict? Outcome
    {
        get { lock (_lock) { return _outcome; } }
    }

    public ExchangeError? LastError
    {
        get { lock (_lock) { return _lastError; } }
    }

    /// <summary>A cancel named this order while it was in doubt: it is applied if the order appears.</summary>
    public bool CancelWanted
    {
        get { lock (_lock) { return _cancelWanted; } }
    }

    public void KeepCancel()
    {
        lock (_lock)
        {
            _cancelWanted = true;
        }
    }

    /// <summary>True, once for each cancel that was kept, where the order is known to be there.</summary>
    public bool TakeKeptCancel()
    {
        lock (_lock)
        {
            if (!_cancelWanted || _cancelTaken || (_found ?? _outcome) is not { Execution: ExecutionStatus.Executed })
            {
                return false;
            }

            _cancelTaken = true;
            return true;
        }
    }

    /// <summary>The exchange has answered the kept cancel. Until then it is wanted still, by the next run too.</summary>
    public void CancelApplied()
    {
        lock (_lock)
        {
            _cancelWanted = _cancelTaken = false;
        }
    }

    /// <summary>The exchange has refused a resend because an order of that id is open (-4116): whatever its queries say, none is absent.</summary>
    public bool IdIsTaken
    {
        get { lock (_lock) { return _idIsTaken; } }
        set { lock (_lock) { _idIsTaken = value; } }
    }

    public void AddWindow(AttemptWindow? window)
    {
        lock (_lock)
        {
            if (window is { } known)
            {
                _windows.Add(known);
            }
            else
            {
                _unstamped = true;
            }
        }
    }

    /// <summary>The windows of all attempts; null where one of them bears no stamp, so that nothing bounds it and absence can never be proved.</summary>
    public IReadOnlyList<AttemptWindow>? Windows
    {
        get { lock (_lock) { return _unstamped ? null : [.. _windows]; } }
    }

    /// <summary>False where the claim already is in doubt and somebody looks for its truth.</summary>
    public bool MarkInDoubt(ExchangeError error, ReplySnapshot? reply)
    {
        lock (_lock)
        {
            if (_state != ClaimState.InFlight)
            {
                return false;
            }

            _lastError = error;
            _lastReply = reply;

            _state = ClaimState.InDoubt;
            return true;
        }
    }

    /// <summary>Back in flight after proven absence; the windows of earlier attempts stay.</summary>
    public void Resume()
    {
        lock (_lock)
        {
            _state = ClaimState.InFlight;
            _found = null;
            _finding = NewSource();
        }
    }

    public void Settle(Verdict verdict)
    {
        lock (_lock)
        {
            _state = ClaimState.Settled;
            _outcome = verdict;
        }

        _verdict.TrySetResult(verdict);
    }

    /// <summary>Somebody still has to find out.</summary>
    public bool NeedsEvidence
    {
        get { lock (_lock) { return _state == ClaimState.InDoubt && _found is null; } }
    }

    /// <summary>The reconciler's result: <paramref name="settles"/> where nobody of the original call listens any more. False where the truth was known already.</summary>
    public bool TryConclude(Verdict verdict, out bool settles)
    {
        TaskCompletionSource<Verdict> listening;
        lock (_lock)
        {
            settles = false;
            if (_state != ClaimState.InDoubt || _found is not null)
            {
                return false;
            }

            _found = verdict;
            listening = _finding;
            if (!_ownerListens)
            {
                _state = ClaimState.Settled;
                _outcome = verdict;
                settles = true;
            }
        }

        listening.TrySetResult(verdict);
        if (settles)
        {
            _verdict.TrySetResult(verdict);
        }

        return true;
    }

    /// <summary>The original call leaves without a verdict. True where a finding it did not take settles the claim.</summary>
    public bool OwnerLeaves()
    {
        Verdict verdict;
        lock (_lock)
        {
            _ownerListens = false;
            if (_found is null || _state != ClaimState.InDoubt)
            {
                return false;
            }

            _state = ClaimState.Settled;
            _outcome = verdict = _found;
        }

        return _verdict.TrySetResult(verdict);
    }

    /// <summary>What a caller is told when evidence proves that the request did not take effect.</summary>
    public Verdict ProvenAbsent(string evidence)
    {
        lock (_lock)
        {
            var error = LocalErrors.ProvenAbsent(_lastError ?? LocalErrors.ConnectionLost(), evidence);
            return new Verdict(ExecutionStatus.NotExecuted, _lastReply, error, evidence);
        }
    }

    private static TaskCompletionSource<Verdict> NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
