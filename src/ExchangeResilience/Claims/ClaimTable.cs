namespace ExchangeResilience;

/// <summary>
/// All claims of the process, and the calls of the application that are running, under one lock. Both outlive requests, handlers and configuration. The journal is written
/// outside the lock.
/// </summary>
internal sealed class ClaimTable
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly ClaimJournal _journal;
    private readonly ClaimIndex _claims = new();
    private readonly RunningCalls _running = new();
    private readonly AnsweredWishes _answered;
    private readonly EndedOrders _ended;
    private readonly ClaimNeighbours _neighbours;
    private readonly ClaimRetention _retention;
    private readonly ApplicationCalls _calls;
    private readonly ContraryWishes _contrary;
    private readonly ClaimGranter _granter;
    private readonly ClaimSettlement _settlement;
    private readonly RestoredVerdicts _restored;

    public ClaimTable(TimeProvider time, ClaimJournal journal)
    {
        _time = time;
        _journal = journal;
        Names = new ReusedNames(time, journal.IsDurable);
        _answered = new AnsweredWishes(time);
        _ended = new EndedOrders(time, _claims);
        _neighbours = new ClaimNeighbours(time, _claims);
        _retention = new ClaimRetention(time, _claims, _running, _ended, _answered);
        _calls = new ApplicationCalls(time, _claims, _running, _answered, _retention);
        _contrary = new ContraryWishes(_claims, _running);
        _granter = new ClaimGranter(time, _claims, _running, _retention, _neighbours, _ended);
        _settlement = new ClaimSettlement(time, _claims, _retention, Names);
        _restored = new RestoredVerdicts(time, _claims, _granter, _settlement);
    }

    /// <summary>What distinguishes a new order from one of the same name that an earlier run or another process has executed.</summary>
    public ReusedNames Names { get; }

    /// <summary>How many claims are in doubt; read without a lock on every query.</summary>
    public int InDoubtCount => _claims.InDoubtCount;

    /// <summary>How many claims and answered calls are remembered.</summary>
    public int Count
    {
        get { lock (_lock) { return _claims.Count + _answered.Count + _restored.Count + _ended.Count; } }
    }

    public IReadOnlyList<Claim> InDoubt => Where(static claim => claim.State == ClaimState.InDoubt);

    /// <summary>Those about which anything can still be learned: unsettled, or believed absent and to be looked up again.</summary>
    public IReadOnlyList<Claim> OpenToEvidence => Where(static claim => !claim.IsSettled || (claim.DidNothing && claim.RechecksLeft > 0 && claim.Successor is null));

    /// <summary>Claims whose order the exchange may have: all but those whose absence needs no further look-up.</summary>
    public IReadOnlyList<Claim> PerhapsExecuted => Where(MayBeExecuted);

    /// <summary>Claims whose order the exchange has or may have, those included that have ended within the last minute.</summary>
    public IReadOnlyList<Claim> LatelyPerhapsExecuted
    {
        get { lock (_lock) { return [.. _claims.Where(MayBeExecuted), .. _ended.Last]; } }
    }

    /// <summary>Those whose kept cancel has not had its answer.</summary>
    public IReadOnlyList<Claim> WithKeptCancel
    {
        get { lock (_lock) { return [.. _claims.All.Concat(_restored.All).Where(static claim => claim.CancelWanted)]; } }
    }

    /// <summary>Whether a client order id was given here to the message of a call that is running, so that no older order of the same id can exist.</summary>
    public bool IsGiven(string id) => _running.IsGiven(id);

    /// <summary>A call of the application has been made whose content must be read before it begins.</summary>
    public UnreadCall Announce()
    {
        lock (_lock)
        {
            return _running.Announce(_lock);
        }
    }

    /// <summary>
    /// Begins a call of the application. One that was made during another that wants the same, by a failover above for instance, is its copy and as old as it is; one that
    /// had to be read first is as old as its announcement.
    /// </summary>
    public ApplicationCall Enter(Wish[] wishes, AccountIdentity account, HashSet<string>? givenIds = null, ApplicationCall? around = null, UnreadCall? unread = null)
    {
        lock (_lock)
        {
            return _calls.Begin(wishes, account, givenIds, around, unread);
        }
    }

    /// <summary>The running call that a send belongs to: the one in whose course it is sent, where that wants it, else the newest of several that do; where none runs, a new one of its own.</summary>
    public ApplicationCall CallOf(Wish[] wishes, AccountIdentity account, ApplicationCall? around = null)
    {
        lock (_lock)
        {
            return _calls.FindOrBegin(wishes, account, around);
        }
    }

    /// <summary>What is being returned to the application is its answer: sends of this call that come later are late.</summary>
    /// <returns>What is known by now of the orders that it means, whichever call sent them, but for those that did nothing.</returns>
    public IReadOnlyList<Claim> Close(ApplicationCall call)
    {
        lock (_lock)
        {
            return _calls.Close(call);
        }
    }

    /// <summary>Ends a call of the application whose caller has the verdict of the known claims. Where what it was answered comes from here, a late send of it must not leave.</summary>
    public void Exit(ApplicationCall call, IReadOnlyCollection<Claim> known, bool isAnswered)
    {
        List<Claim> ended;
        lock (_lock)
        {
            ended = _calls.End(call, known, isAnswered);
        }

        ended.ForEach(_journal.Ended);
    }

    /// <summary>Decides whether a request may leave. A verdict answers for one item of a batch: none may take the claim that another has met.</summary>
    public ClaimGrant TryClaim(ApplicationCall call, ExchangeOperation operation, ClaimOrigin origin, ReconciliationOptions options, IReadOnlyCollection<Claim>? met = null)
    {
        ClaimGrant grant;
        List<Claim>? over;
        lock (_lock)
        {
            grant = _granter.Decide(call, operation, origin, options, met ?? [], out over);
        }

        // Their verdicts may not have been returned yet: the journal gets them now, or the new entry would meet an open one.
        over?.ForEach(_journal.Ended);
        return grant;
    }

    /// <summary>
    /// An equal order that was given an id here and may be what an order without an id repeats: one in doubt, or one that was executed a moment ago and whose caller does not
    /// have its verdict. Null where there is none.
    /// </summary>
    public Claim? FindTwin(ExchangeOperation operation, AccountIdentity account, IReadOnlyCollection<Claim> met)
    {
        if (InDoubtCount == 0 && _claims.Settled.Count == 0)
        {
            return null;
        }

        lock (_lock)
        {
            return _neighbours.TwinInDoubt(operation, account, met) ?? _neighbours.TwinToRepeat(operation, account, met);
        }
    }

    /// <summary>What carries a claim's verdict is being returned, to whichever of several equal calls its send came from.</summary>
    public void Tell(ApplicationCall call, object word, Claim claim)
    {
        lock (_lock)
        {
            call.Answer(word, claim);
            foreach (var equal in _running.Of(claim.Key))
            {
                if (equal != call && equal.Means(claim))
                {
                    equal.Answer(word, claim);
                }
            }
        }
    }

    /// <summary>Something of a claim is about to leave, and may take effect from now on: contrary wishes of earlier calls must not leave after it.</summary>
    /// <returns>False where it must not leave: an amendment would reach the order that a later call places under its id.</returns>
    public bool TryLeave(ApplicationCall call, Claim claim, Func<AttemptWindow?> window)
    {
        lock (_lock)
        {
            if (claim.Key.Kind == OperationKind.Amend && _neighbours.IsFollowed(claim, call))
            {
                return false;
            }

            claim.SentAt = _time.GetTimestamp();
            claim.Attempts.Open(window);
            if (claim.Number == 0)
            {
                claim.Number = call.Number;
                _contrary.OvertakeBy(claim);
            }

            return true;
        }
    }

    /// <summary>A cancel is about to leave.</summary>
    /// <returns>The orders meant before it that it would miss, because the exchange may take them only after it.</returns>
    public IReadOnlyList<Claim> LeaveCancel(ApplicationCall cancel)
    {
        lock (_lock)
        {
            _contrary.OvertakeBy(cancel);
        }

        return [.. cancel.Wishes.SelectMany(wish => UnsettledPlaces(wish.Name, cancel.Account, cancel.Number))];
    }

    /// <summary>
    /// An order is known to be cancelled: a call that meant it before must not place it again. Its id is null where the reply does not say, the exchange's time 0 where it
    /// is not known.
    /// </summary>
    public void Cancelled(ApplicationCall call, OrderName cancel, AccountIdentity account, string? order = null, long atMs = 0)
    {
        lock (_lock)
        {
            var isOfAnEarlierOrder = order is not null && _ended.NoteCancelled(cancel, account, order);
            if (!isOfAnEarlierOrder)
            {
                call.NoteCancelled(cancel, account, atMs);
                _contrary.OvertakeCancelled(call, cancel, account);
            }
        }
    }

    /// <summary>The caller has the answer that its cancel took effect: a call that places the same id from now on means another order.</summary>
    public void TellCancelled(ApplicationCall call)
    {
        lock (_lock)
        {
            foreach (var (cancel, account, atMs) in call.Cancelled)
            {
                Names.Note(cancel, account, _running.LastNumber, atMs);
                _contrary.EndCancelled(call, cancel, account);
            }
        }
    }

    /// <summary>What an earlier run left in doubt is held as if it had been claimed here.</summary>
    public Claim Restore(ExchangeOperation operation, ClaimOrigin origin, JournalEntry entry, ReconciliationOptions options)
    {
        lock (_lock)
        {
            var claim = _granter.Add(operation, origin, options, entry.CreatedAt);
            claim.Delivery.Owe(_time.GetTimestamp());
            _settlement.Adopt(claim, entry);
            return claim;
        }
    }

    /// <summary>The journal holds the order already: the claim takes that over, and is in doubt.</summary>
    public void Adopt(Claim claim, JournalEntry entry)
    {
        lock (_lock)
        {
            _settlement.Adopt(claim, entry);
        }
    }

    /// <summary>What an earlier run had the verdict of, and left unfinished. Null where it was restored before.</summary>
    public Claim? RestoreVerdict(ExchangeOperation operation, ClaimOrigin origin, JournalEntry entry)
    {
        lock (_lock)
        {
            return _restored.Restore(operation, origin, entry);
        }
    }

    /// <summary>The journal's verdict on an order of an earlier run answers a call that was about to send it.</summary>
    /// <returns>The claim that holds the verdict, in place of the one that the call would have sent under.</returns>
    public Claim Answer(ApplicationCall call, Claim claim, JournalEntry entry)
    {
        lock (_lock)
        {
            return _restored.Answer(call, claim, entry);
        }
    }

    /// <summary>The claim of an entry of the journal; null where there is none.</summary>
    public Claim? FindEntry(in OrderName name, string entryId)
    {
        lock (_lock)
        {
            return _claims.Of(name).Find(claim => string.Equals(claim.EntryId, entryId, StringComparison.Ordinal));
        }
    }

    /// <summary>The exchange's id of the order last placed here that an amendment or cancel names by its client id; null where that is not known.</summary>
    public string? FindPlacedOrder(in OrderName name, AccountIdentity account)
    {
        lock (_lock)
        {
            return _ended.PlacedOrder(name, account);
        }
    }

    /// <summary>The unsettled claim under a name that may be of an account; null where there is none.</summary>
    public Claim? FindUnsettled(in OrderName name, AccountIdentity account)
    {
        lock (_lock)
        {
            return _claims.Of(name).Find(claim => !claim.IsSettled && claim.Origin.Account.Compare(account) != SameAccount.No);
        }
    }

    /// <summary>The orders of an account that a cancel of that name and number is about, that were meant before it, and that may be open although that is not known yet.</summary>
    public IReadOnlyList<Claim> UnsettledPlaces(OrderName cancel, AccountIdentity account, long number) =>
        Where(claim => !claim.IsSettled && claim.AskedBy < number && cancel.Cancels(claim.Key) && claim.Origin.Account.Compare(account) == SameAccount.Yes);

    /// <summary>Orders that a cancel may be about, as far as is known of their accounts.</summary>
    public IReadOnlyList<Claim> UnclearPlaces(ApplicationCall cancel) =>
        Where(claim => !claim.IsSettled && cancel.Account.Compare(claim.Origin.Account) == SameAccount.Unclear && cancel.Wishes.Any(wish => wish.Name.Cancels(claim.Key)));

    /// <summary>True where the claim has just become in doubt and the search for its truth must begin.</summary>
    public bool MarkInDoubt(Claim claim, ExchangeError error, ReplySnapshot? reply)
    {
        lock (_lock)
        {
            if (!_settlement.MarkInDoubt(claim, error, reply))
            {
                return false;
            }
        }

        if (!claim.Attempts.AreWrittenAhead || claim.IdIsTaken)
        {
            _journal.Doubted(claim);
        }

        return true;
    }

    /// <summary>The truth about a claim. False where it was known already: then that stays. An absence is looked up again as often as said; the exchange's time is 0 where it is not known.</summary>
    public bool TrySettle(Claim claim, Verdict verdict, int rechecks = 0, long atMs = 0)
    {
        bool isHeld;
        lock (_lock)
        {
            if (!_settlement.TrySettle(claim, verdict, rechecks, atMs))
            {
                return false;
            }

            isHeld = _running.Hold(claim);
        }

        // A running call writes it down as it ends, with whether its caller has the verdict.
        if (!isHeld)
        {
            _journal.Ended(claim);
        }

        return true;
    }

    /// <summary>What was believed absent took effect, and answers repeats from now on. What has been sent again meanwhile took effect twice, which only the alarm reports.</summary>
    /// <returns>The record of what took effect; null where there is one already.</returns>
    public Claim? Correct(Claim claim, Verdict truth)
    {
        lock (_lock)
        {
            return _settlement.Correct(claim, truth);
        }
    }

    /// <summary>A caller that waited for the verdict outside of any call has it.</summary>
    public void MarkDelivered(Claim claim)
    {
        lock (_lock)
        {
            claim.Delivery.Pay(_time.GetTimestamp(), _running.LastNumber);
        }

        _journal.Ended(claim);
    }

    /// <summary>A recheck or a kept cancel of a claim has ended.</summary>
    public void FollowedUp(Claim claim)
    {
        lock (_lock)
        {
            _restored.FollowedUp(claim);
            _retention.Free(claim, _time.GetTimestamp());
        }
    }

    private static bool MayBeExecuted(Claim claim) => !claim.DidNothing || claim.RechecksLeft > 0;

    private List<Claim> Where(Predicate<Claim> wanted)
    {
        lock (_lock)
        {
            return _claims.Where(wanted);
        }
    }
}
