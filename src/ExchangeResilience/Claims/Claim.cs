namespace ExchangeResilience;

/// <summary>
/// The record of one order: what was sent, what is known of it, and which calls have its verdict. A call that means the same order waits for that verdict; the claim ends by its
/// own rules, which no setting changes once it exists. An order that did nothing and is sent again is a claim of its own, its <see cref="Successor"/>.
/// </summary>
internal sealed class Claim(ExchangeOperation operation, ClaimOrigin origin)
{
    private readonly Lock _lock = new();
    private ReplySnapshot? _lastReply;
    private ExchangeError? _lastError;
    private ClaimState _state;
    private TaskCompletionSource? _doubt;
    private TaskCompletionSource<Verdict>? _verdict;
    private EvidenceTrail? _trail;
    private bool _idIsTaken;
    private KeptCancel? _cancel;
    private InDoubtState _search;
    private long _nextQuestionMs;
    private Verdict? _outcome;

    public OrderName Key { get; } = OrderName.Of(operation);
    public ExchangeOperation Operation { get; } = operation;

    /// <summary>Where to look it up; another client's, once it is known that its key is of the same account.</summary>
    public ClaimOrigin Origin { get; set; } = origin;

    public Wish Wish => new(Key, Operation.Fingerprint);

    public ClaimAttempts Attempts { get; } = new();

    /// <summary>Whether a cancel of all may have cancelled the order: not a market order, and not one that is known to have ended otherwise.</summary>
    public bool MayHaveRested => Operation.Terms.Type != "MARKET"
        && (Outcome is not { Reply: { } reply } || OrderEvidence.Read(reply.Body)?.Status is null or OrderStatuses.New or OrderStatuses.PartiallyFilled or OrderStatuses.Canceled);

    /// <summary>The exchange's time after which answers of absence begin to count; null where they never do.</summary>
    public long? DeadlineMs =>
        this is { IdIsTaken: false, Operation.Endpoint.EngineChecksWindow: true } && Attempts.Windows is { Count: > 0 } windows ? windows.Max(static window => window.ClosesMs) : null;

    /// <summary>The exchange's ids of orders of the same name that were there before this one's first attempt: none of them is this one.</summary>
    public IReadOnlyCollection<string> OlderOrders { get; set; } = [];

    /// <summary>The exchange's time of the latest amendment of the same order that is known from before: none up to then is this one. In milliseconds since 1970, or 0.</summary>
    public long AmendedBeforeMs { get; set; }

    /// <summary>An order or amendment of the same name that was known before this one's first attempt: whatever its time, it is not this one.</summary>
    public void IsAfter(OrderEvidence older)
    {
        if (Key.Kind == OperationKind.Amend)
        {
            AmendedBeforeMs = Math.Max(AmendedBeforeMs, older.UpdateTimeMs);
        }
        else if (older.OrderId is { } id && !OlderOrders.Contains(id, StringComparer.Ordinal))
        {
            OlderOrders = [.. OlderOrders, id];
        }
    }

    /// <summary>The exchange's id of the order that it amends, where this process placed that one; null where that is not known.</summary>
    public string? AmendedOrder { get; set; }

    /// <summary>The exchange's id of an order whose kept reply names none, once a look-up has shown it; null before.</summary>
    public string? FoundOrder { get; set; }

    /// <summary>The exchange's id of the order that it placed or amended; null where that is not known.</summary>
    public string? OrderId => Operation.OrderId ?? AmendedOrder ?? FoundOrder ?? ExecutedOrder?.OrderId;

    /// <summary>The order as the reply to its execution describes it; null where it was not executed, or that is not known.</summary>
    public OrderEvidence? ExecutedOrder => Outcome is { Execution: ExecutionStatus.Executed, Reply: { } reply } ? OrderEvidence.Read(reply.Body) : null;

    /// <summary>The journal did not take what was last written of it.</summary>
    public bool IsBehind { get; set; }

    /// <summary>Made for its first line: most orders are never looked up.</summary>
    public EvidenceTrail Trail => LazyInitializer.EnsureInitialized(ref _trail, static () => new EvidenceTrail());

    /// <summary>When the order was claimed, by the local wall clock.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>The timestamp at which this process last learned that it is in doubt.</summary>
    public long DoubtedAt { get; set; }

    /// <summary>The timestamp at which it was last sent, or learned of.</summary>
    public long SentAt { get; set; }

    /// <summary>The number of the call that claimed it; 0 where an earlier run did.</summary>
    public long AskedBy { get; set; }

    /// <summary>The number of the call under which it first left; 0 as long as nothing has, or where an earlier run sent it.</summary>
    public long Number { get; set; }

    /// <summary>Its entry in the journal; null as long as it was not written.</summary>
    public string? EntryId { get; set; }

    /// <summary>Whether the journal is known to hold it; an attempt whose write failed may be there all the same.</summary>
    public bool IsInJournal { get; set; }

    /// <summary>The journal has answered that no earlier run, nor another process, has sent it.</summary>
    public bool IsNewToJournal { get; set; }

    /// <summary>The earlier run that holds its entry; null where this one does. As long as no call has got the verdict here, the journal must block a repeat.</summary>
    public string? Run { get; set; }

    /// <summary>The settled entries of the same name that do not block it; several where several accounts have used the name.</summary>
    public IReadOnlyList<string> Superseded { get; set; } = [];

    /// <summary>When it was settled, by the local wall clock; null while it is not.</summary>
    public DateTimeOffset? SettledAt { get; set; }

    /// <summary>The exchange's time of its verdict, in milliseconds since 1970; 0 where that was not known.</summary>
    public long SettledAtMs { get; set; }

    /// <summary>The exchange's time of the look-up that completed the proof of absence; 0 while there is none.</summary>
    public long AbsentAtMs { get; set; }

    /// <summary>How often its absence has yet to be looked up again.</summary>
    public int RechecksLeft { get; set; }

    /// <summary>Nothing was sent under it: it holds the order that is there after an absence proved wrong.</summary>
    public bool IsCorrection { get; init; }

    /// <summary>The exchange's id of the order that a cancel of this one's id has ended meanwhile: this one, or an older one.</summary>
    public string? EndedOrder { get; set; }

    /// <summary>Ends with the call that sends the order again if it is proven absent; null where none does. Until then an absence is not final.</summary>
    public Task? Resender { get; set; }

    /// <summary>Whether its doubt ends by itself, because a client here or another process can look the order up.</summary>
    public bool CanBeLookedUp => Origin.CanAsk || IsHeldElsewhere;

    /// <summary>Completes with the verdict, or with the beginning of a doubt that neither a client of the program nor another process can end.</summary>
    public Task Ending => CanBeLookedUp ? Verdict : Task.WhenAny(Verdict, Doubt);

    /// <summary>The claim under which the same order was sent again after this one did nothing.</summary>
    public Claim? Successor { get; set; }

    /// <summary>The last of its successors, or itself: what is known of the order.</summary>
    public Claim Latest
    {
        get
        {
            var claim = this;
            while (claim.Successor is { } next)
            {
                claim = next;
            }

            return claim;
        }
    }

    /// <summary>Which calls have its verdict, and which are still to get it.</summary>
    public VerdictDelivery Delivery { get; } = new();

    /// <summary>A contrary wish has left since, so that its verdict answers no later call: the number of that call, and its claim.</summary>
    public (long Number, Claim? By) OvertakenBy { get; set; }

    /// <summary>The number of the last call that has met it. A call that met it after an order overtook it means it again, and so do the repeats of that call.</summary>
    public long MetBy { get; set; }

    /// <summary>
    /// The number of a call whose caller has the answer that a cancel of all took effect, while this order's caller had no verdict; 0 where there is none. Once that caller has its verdict, a
    /// later call means another order.
    /// </summary>
    public long CancelReportedAt { get; set; }

    /// <summary>The state of the search for its outcome, while it is in doubt.</summary>
    public InDoubtState Search
    {
        get { lock (_lock) { return _search; } }
        set { lock (_lock) { _search = value; } }
    }

    /// <summary>When the exchange is queried next, by the local wall clock, in milliseconds since 1970; a time that has passed while a query is in flight.</summary>
    public long NextQuestionMs
    {
        get => Volatile.Read(ref _nextQuestionMs);
        set => Volatile.Write(ref _nextQuestionMs, value);
    }

    /// <summary>Another process holds it in the journal that both share: that one searches, and this one waits for its verdict.</summary>
    public bool IsHeldElsewhere => Search == InDoubtState.HeldElsewhere;

    /// <summary>Takes over what the journal knows of the order.</summary>
    public void TakeOver(JournalEntry entry)
    {
        // The earlier run sent it before this one did anything: what is known here to be older may be it.
        (OlderOrders, AmendedBeforeMs, AmendedOrder) = (entry.OlderOrders ?? [], entry.AmendedBeforeMs, entry.AmendedOrder);
        lock (_lock)
        {
            EntryId = entry.Id;
            IsInJournal = true;
            AbsentAtMs = entry.AbsentAtMs;
            RechecksLeft = entry.RechecksLeft;
            if (entry.CancelWanted)
            {
                _cancel ??= new KeptCancel(0);
            }

            _idIsTaken |= entry.IdIsTaken;
        }

        Attempts.TakeOver(entry.Attempts);
        foreach (var line in entry.Trail)
        {
            Trail.Add(line);
        }
    }

    /// <summary>In doubt, according to the journal.</summary>
    public void Adopt(JournalEntry entry, ExchangeError error)
    {
        TakeOver(entry);
        lock (_lock)
        {
            _lastError = error;
            _state = ClaimState.InDoubt;
            NoteState();
        }
    }

    /// <summary>The journal refused it, so nothing of it is there.</summary>
    public void Unwrite()
    {
        EntryId = null;
        Attempts.Unwrite();
    }

    public ClaimState State
    {
        get { lock (_lock) { return _state; } }
    }

    public bool IsSettled => State == ClaimState.Settled;
    public bool NeedsEvidence => State == ClaimState.InDoubt;

    /// <summary>Something of it has left, here or in an earlier run.</summary>
    public bool HasLeft => Number != 0 || State != ClaimState.InFlight;

    /// <summary>Completes once the claim is settled, for every call that waits for it. Made for the first of them.</summary>
    public Task<Verdict> Verdict
    {
        get
        {
            lock (_lock)
            {
                _verdict ??= new TaskCompletionSource<Verdict>(TaskCreationOptions.RunContinuationsAsynchronously);
                NoteState();
                return _verdict.Task;
            }
        }
    }

    /// <summary>Completes once the claim is in doubt. Made for the first call that waits for it.</summary>
    public Task Doubt
    {
        get
        {
            lock (_lock)
            {
                _doubt ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                NoteState();
                return _doubt.Task;
            }
        }
    }

    public Verdict? Outcome
    {
        get { lock (_lock) { return _outcome; } }
    }

    public bool DidNothing => Outcome is { Execution: ExecutionStatus.NotExecuted };

    public ExchangeError? LastError
    {
        get { lock (_lock) { return _lastError; } }
    }

    /// <summary>A cancel that named this order while its outcome was unknown; null where none did, or it has had its answer.</summary>
    public KeptCancel? Cancel
    {
        get { lock (_lock) { return _cancel; } }
    }

    /// <summary>A cancel is to be applied if the order is open.</summary>
    public bool CancelWanted => Cancel is { IsOpen: true };

    /// <summary>Keeps a cancel. False where the order is known to have done nothing, so that there is nothing to cancel.</summary>
    public bool KeepCancel(long number)
    {
        lock (_lock)
        {
            if (_outcome is { Execution: ExecutionStatus.NotExecuted })
            {
                return false;
            }

            if (_cancel is not { IsOpen: true })
            {
                _cancel = new KeptCancel(number);
            }

            return true;
        }
    }

    /// <summary>A cancel that was taken over from the journal has had its answer, by another process, where the journal says so.</summary>
    public void ForgetCancelOf(JournalEntry entry)
    {
        lock (_lock)
        {
            if (_cancel is { Number: 0 } && !entry.CancelWanted)
            {
                _cancel = null;
            }
        }
    }

    /// <summary>The exchange has refused a resend because an order of that id is open (-4116): whatever its queries show, none is absent.</summary>
    public bool IdIsTaken
    {
        get { lock (_lock) { return _idIsTaken; } }
        set { lock (_lock) { _idIsTaken = value; } }
    }

    /// <summary>An order that was believed absent and is sent again may turn up as what was sent before.</summary>
    public void Inherit(Claim predecessor)
    {
        Attempts.Inherit(predecessor.Attempts);
        IsNewToJournal = predecessor.IsNewToJournal;
    }

    /// <summary>False where the claim is settled, or in doubt already and its truth looked for.</summary>
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
            NoteState();
            return true;
        }
    }

    /// <summary>The outcome is known. False where it was known already; <paramref name="wasInDoubt"/> is whether it had been searched for.</summary>
    public bool TrySettle(Verdict verdict, out bool wasInDoubt)
    {
        lock (_lock)
        {
            wasInDoubt = _state == ClaimState.InDoubt;
            if (_state == ClaimState.Settled)
            {
                return false;
            }

            _state = ClaimState.Settled;
            _outcome = verdict;
            if (verdict.Execution == ExecutionStatus.NotExecuted)
            {
                _cancel?.End(KeptCancelFate.Needless);
            }

            NoteState();
            return true;
        }
    }

    /// <summary>A look-up or a cancel of it has still to be sent.</summary>
    public bool NeedsAsker => NeedsEvidence || CancelWanted || RechecksLeft > 0;

    /// <summary>What a caller gets when evidence proves that the request did not take effect.</summary>
    public Verdict ProvenAbsent(string evidence)
    {
        lock (_lock)
        {
            var error = LocalErrors.ProvenAbsent(_lastError ?? LocalErrors.ConnectionLost(), evidence);
            return new Verdict(ExecutionStatus.NotExecuted, _lastReply, error, evidence);
        }
    }

    private void NoteState()
    {
        if (_outcome is { } known)
        {
            _verdict?.TrySetResult(known);
        }

        if (_state == ClaimState.InDoubt)
        {
            _doubt?.TrySetResult();
        }
    }
}
