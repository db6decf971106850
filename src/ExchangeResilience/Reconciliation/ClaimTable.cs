using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>What the table says to a request that wants to leave.</summary>
internal enum ClaimAnswer
{
    /// <summary>Nobody else has it: send.</summary>
    Go,

    /// <summary>The same request is in flight, in doubt, or has a verdict that answers this one too: wait for it.</summary>
    Join,

    /// <summary>The id is taken by a request with other parameters.</summary>
    OtherRequest,

    /// <summary>An equal order without an id of its own is in doubt under a generated one.</summary>
    TwinInDoubt,

    /// <summary>Too many orders are in doubt.</summary>
    TooManyInDoubt,

    /// <summary>Another amendment that may be of the same order is under way, or an equal order is in doubt whose cancel was confirmed to the caller: wait for it, then ask again.</summary>
    Serialise,

    /// <summary>An order of this name is unfinished, and nothing shows whether it is of the same account.</summary>
    AccountUnclear,

    /// <summary>A later call has sent what contradicts this one.</summary>
    Overtaken,

    /// <summary>The application's call is over, and it has its answer.</summary>
    TooLate,
}

internal readonly record struct ClaimGrant(ClaimAnswer Answer, Claim? Claim);

/// <summary>All claims of the process, and the calls of the application that are running. Both outlive requests, handlers and configuration.</summary>
internal sealed class ClaimTable(TimeProvider time, ClaimJournal journal)
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    // A copy that a handler above has kept back (a hedge, a queue) may still come after its call was answered.
    private static readonly TimeSpan LateSendsComeWithin = TimeSpan.FromMinutes(10);

    // What can never be proved absent must not stop others for ever.
    private static readonly TimeSpan BlocksOthersFor = TimeSpan.FromHours(1);

    // Verdicts of earlier runs answer for this long at most by default; see ReconciliationOptions.RepeatsAfterRestart and VerdictRetention. Under a longer VerdictRetention, and
    // beyond so many names, an order placed anew may be given an earlier run's verdict, which never buys twice.
    private static readonly TimeSpan EarlierRunsAnswerFor = TimeSpan.FromHours(24);

    private const int MostBegunAnew = 100_000;

    private static readonly List<Claim> NoClaims = [];
    private static readonly List<ApplicationCall> NoCalls = [];

    private readonly Lock _lock = new();
    private readonly Dictionary<OrderName, List<Claim>> _claims = [];
    private readonly Dictionary<OrderName, List<ApplicationCall>> _calls = [];
    private readonly Dictionary<string, Claim> _restored = new(StringComparer.Ordinal);
    private readonly HashSet<Claim> _lingering = [];
    private readonly Dictionary<(Wish Wish, string Account), long> _answered = [];
    private readonly Dictionary<OrderName, (Claim Order, long At)> _latelyPlaced = [];
    private readonly Dictionary<OrderName, (string Order, long At)> _latelyCancelled = [];
    private readonly Dictionary<(OrderName Name, string Account), (long Number, long AtMs)> _begunAnew = [];
    private readonly ConcurrentDictionary<string, bool> _given = new(StringComparer.Ordinal);
    private readonly long _began = time.GetTimestamp();
    private long _sweptAt = time.GetTimestamp();
    private long _number;
    private int _inDoubt;

    /// <summary>How many claims are in doubt; read without a lock on every query.</summary>
    public int InDoubtCount => Volatile.Read(ref _inDoubt);

    /// <summary>Whether a client order id was given here to the message of a call that is running, so that no older namesake can exist.</summary>
    public bool IsGiven(string id) => _given.ContainsKey(id);

    /// <summary>How many claims and answered calls are remembered.</summary>
    public int Count
    {
        get { lock (_lock) { return _claims.Values.Sum(static claims => claims.Count) + _answered.Count + _restored.Count + _latelyPlaced.Count; } }
    }

    public IReadOnlyList<Claim> InDoubt => Where(static claim => claim.State == ClaimState.InDoubt);

    /// <summary>Those about which anything can still be learned: unsettled, or believed absent and asked about again.</summary>
    public IReadOnlyList<Claim> OpenToEvidence => Where(IsOpenToEvidence);

    /// <summary>Those whose kept cancel has not had its answer.</summary>
    public IReadOnlyList<Claim> WithKeptCancel
    {
        get
        {
            lock (_lock)
            {
                return [.. Where(static claim => claim.CancelWanted), .. _restored.Values.Where(static claim => claim.CancelWanted)];
            }
        }
    }

    /// <summary>Begins a call of the application.</summary>
    /// <param name="wishes">What it wants.</param>
    /// <param name="account">For whom.</param>
    /// <param name="givenIds">The client order ids that its message was given here.</param>
    /// <param name="around">The call during which it was made, by a failover above for instance: where that wants the same, this one is its copy and as old as it is.</param>
    public ApplicationCall Enter(IReadOnlyList<Wish> wishes, AccountIdentity account, HashSet<string>? givenIds = null, ApplicationCall? around = null)
    {
        lock (_lock)
        {
            Sweep();
            foreach (var id in givenIds ?? [])
            {
                _given[id] = true;
            }

            var copied = around is { IsClosed: false } && wishes.All(wish => around.Wants(wish)) && around.Account.Compare(account) == SameAccount.Yes ? around : null;
            return Register(new ApplicationCall(copied?.Number ?? ++_number, wishes, account, copied) { GivenIds = givenIds });
        }
    }

    /// <summary>The running call that a send belongs to, the newest of several that want all of it; where none runs, a new one of its own.</summary>
    public ApplicationCall CallOf(IReadOnlyList<Wish> wishes, AccountIdentity account)
    {
        lock (_lock)
        {
            ApplicationCall? partly = null;
            foreach (var wish in wishes)
            {
                var running = CallsOf(wish.Name).FindAll(call => !call.IsClosed && call.Wants(wish) && call.Account.Compare(account) != SameAccount.No);
                if (running.FindLast(call => wishes.All(each => call.Wants(each))) is { } whole)
                {
                    return whole;
                }

                partly ??= running.LastOrDefault();
            }

            if (partly is not null)
            {
                return partly;
            }

            Sweep();
            var own = new ApplicationCall(++_number, wishes, account) { IsSendsOwn = true };

            // The copy of an answered message: whoever is told by it, it is not the application.
            own.IsClosed = wishes.Any(wish => WasAnswered(wish, account));
            return own.IsClosed ? own : Register(own);
        }
    }

    /// <summary>What is on its way to the application is its answer: sends of this call that come later are late.</summary>
    /// <returns>What is known by now of the orders that it means, whichever call sent them, but for those that did nothing.</returns>
    public IReadOnlyList<Claim> Close(ApplicationCall call)
    {
        lock (_lock)
        {
            call.IsClosed = true;
            NoteAnswered(call, time.GetTimestamp());
            var sentBefore = call.Wishes.SelectMany(wish => ClaimsOf(wish.Name)).Where(claim => call.Means(claim) && HasLeft(claim) && Answers(claim, call));
            return [.. call.Joined.Concat(sentBefore.Select(static claim => claim.Latest)).Where(static claim => !claim.DidNothing).Distinct()];
        }
    }

    /// <summary>Ends a call of the application.</summary>
    /// <param name="call">The call.</param>
    /// <param name="told">The claims whose verdict it was told.</param>
    /// <param name="isAnswered">What it was answered comes from here, so that a late send of it must not leave.</param>
    public void Exit(ApplicationCall call, IReadOnlyCollection<Claim> told, bool isAnswered)
    {
        var ended = new List<Claim>();
        lock (_lock)
        {
            var now = time.GetTimestamp();
            Unregister(call);
            var joined = call.Joined;
            foreach (var claim in joined)
            {
                if (told.Contains(claim))
                {
                    claim.Tellings.Told(now);
                }
                else if (!claim.DidNothing && HasLeft(claim))
                {
                    claim.Tellings.Owe(now);
                }

                if (claim.IsSettled)
                {
                    ended.Add(claim);
                    Free(claim, now);
                }
            }

            // It may also have kept from its end what it never met.
            foreach (var wish in call.Wishes)
            {
                foreach (var claim in ClaimsOf(wish.Name).FindAll(claim => claim.IsSettled && call.Means(claim) && !joined.Contains(claim)))
                {
                    ended.Add(claim);
                    Free(claim, now);
                }
            }

            if (isAnswered)
            {
                NoteAnswered(call, now);
            }
            else if (!call.IsSendsOwn)
            {
                // What a handler above has queued may come yet.
                ForgetAnswered(call);
            }
        }

        ended.ForEach(journal.Ended);
    }

    /// <param name="call">The call of the application that the request belongs to.</param>
    /// <param name="operation">The request.</param>
    /// <param name="origin">Whom to ask about it.</param>
    /// <param name="options">How long verdicts are kept, and how many orders may be in doubt.</param>
    /// <param name="met">The claims that other items of the same batch have met: a verdict answers for one item, and none may take another's.</param>
    public ClaimGrant TryClaim(ApplicationCall call, ExchangeOperation operation, ClaimOrigin origin, ReconciliationOptions options, IReadOnlyCollection<Claim>? met = null)
    {
        var grant = Decide(call, operation, origin, options, met ?? [], out var over);

        // Their verdicts may still be on their way up: the journal is told of them now, or the new entry would meet an open one.
        over?.ForEach(journal.Ended);
        return grant;
    }

    /// <summary>
    /// An equal order that was given an id here and may be what an order without an id repeats: one in doubt, or one that was executed a moment ago without its caller having
    /// been told. Null where there is none.
    /// </summary>
    public Claim? FindTwin(ExchangeOperation operation, AccountIdentity account, IReadOnlyCollection<Claim> met)
    {
        if (InDoubtCount == 0 && _lingering.Count == 0)
        {
            return null;
        }

        lock (_lock)
        {
            var now = time.GetTimestamp();
            return TwinInDoubt(operation, account, met) ?? _lingering.FirstOrDefault(claim =>
                IsTwin(claim, operation, account, met) && claim is { DidNothing: false, OvertakenBy.Number: 0 } && claim.Tellings.ExpectRepeat(time, now));
        }
    }

    /// <summary>What tells of a claim's verdict is on its way up, to whichever of several equal calls its send came from.</summary>
    public void Tell(ApplicationCall call, object word, Claim claim)
    {
        lock (_lock)
        {
            call.Answer(word, claim);
            foreach (var equal in CallsOf(claim.Key))
            {
                if (equal != call && equal.Means(claim))
                {
                    equal.Answer(word, claim);
                }
            }
        }
    }

    /// <summary>Something of a claim is about to leave: contrary wishes of earlier calls must not leave after it.</summary>
    public void Leave(ApplicationCall call, Claim claim)
    {
        claim.SentAt = time.GetTimestamp();
        if (claim.Number != 0)
        {
            return;
        }

        lock (_lock)
        {
            claim.Number = call.Number;
            var name = claim.Key;
            switch (name.Kind)
            {
                case OperationKind.Amend:
                    Overtake(name, claim, claim.Operation.Fingerprint);
                    OvertakeByOtherId(claim);
                    break;
                case OperationKind.Place:
                    Overtake(name, claim, claim.Operation.Fingerprint);
                    Overtake(name with { Kind = OperationKind.Amend }, claim);
                    Overtake(name with { Kind = OperationKind.Cancel }, claim);
                    Overtake(name with { Kind = OperationKind.Cancel, Symbol = "" }, claim);
                    Overtake(name with { Kind = OperationKind.CancelAll, Id = "" }, claim);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>
    /// A cancel is about to leave. What it names, an earlier call must not place after it. A cancel of all may come from another part of the program than an order that closes
    /// a position, so that what an earlier call places after it leaves, and is cancelled once it rests.
    /// </summary>
    /// <returns>The orders meant before it that it would miss, because the exchange may take them only after it.</returns>
    public IReadOnlyList<Claim> LeaveCancel(ApplicationCall cancel)
    {
        lock (_lock)
        {
            foreach (var (place, calls) in _calls)
            {
                var wish = cancel.Wishes.FirstOrDefault(wish => wish.Name.Cancels(place));
                if (wish.Terms is null)
                {
                    continue;
                }

                foreach (var earlier in calls.FindAll(each => each.Number < cancel.Number && each.Account.Compare(cancel.Account) == SameAccount.Yes))
                {
                    if (wish.Name.Kind == OperationKind.CancelAll)
                    {
                        earlier.CancelledBy = cancel.Number;
                    }
                    else
                    {
                        earlier.Overtake(place, by: null);
                    }
                }
            }
        }

        return [.. cancel.Wishes.SelectMany(wish => UnsettledPlaces(wish.Name, cancel.Account, cancel.Number))];
    }

    /// <summary>An order is known to be cancelled: a call that meant it before must not place it again.</summary>
    /// <param name="call">The call that cancelled it.</param>
    /// <param name="cancel">What the order is named by.</param>
    /// <param name="account">Whose it is.</param>
    /// <param name="order">The exchange's id of the order; null where the reply does not say.</param>
    /// <param name="atMs">The exchange's time; 0 where it is not known.</param>
    public void Cancelled(ApplicationCall call, OrderName cancel, AccountIdentity account, string? order = null, long atMs = 0)
    {
        lock (_lock)
        {
            if (order is not null)
            {
                _latelyCancelled[cancel with { Kind = OperationKind.Place }] = (order, time.GetTimestamp());
            }

            call.Cancelled.Add((cancel, account, atMs));
            if (cancel.Kind == OperationKind.CancelAll)
            {
                // What earlier calls place after it is cancelled once it rests.
                return;
            }

            foreach (var place in PlacesOf(cancel, _calls.Keys))
            {
                foreach (var earlier in CallsOf(place))
                {
                    if (earlier.Number < call.Number && account.Compare(earlier.Account) != SameAccount.No)
                    {
                        earlier.Overtake(place, by: null);
                    }
                }
            }
        }
    }

    /// <summary>The caller has been told that its cancel took effect: a call that places the same id from now on means another order.</summary>
    public void TellCancelled(ApplicationCall call)
    {
        lock (_lock)
        {
            foreach (var (cancel, account, atMs) in call.Cancelled)
            {
                BeginAnew(cancel, account, _number, atMs);
                foreach (var claim in PlacesOf(cancel, _claims.Keys).SelectMany(place => ClaimsOf(place)))
                {
                    if (claim.Number > call.Number || account.Compare(claim.Origin.Account) != SameAccount.Yes || (cancel.Kind == OperationKind.CancelAll && !EvidenceRules.MayHaveRested(claim)))
                    {
                        continue;
                    }

                    if (cancel.Kind == OperationKind.Cancel || claim.Tellings.AreComplete)
                    {
                        claim.OvertakenBy = (_number, null);
                    }
                    else
                    {
                        // A cancel of all tells of no order: one whose verdict the caller does not have may have been filled.
                        claim.CancelledOnceTold = _number;
                    }
                }
            }
        }
    }

    /// <summary>
    /// Whether a call means another order or amendment than one of the same name that an earlier run or another process has executed: after that, and before the call began, this
    /// one has placed or amended that order, or was told that it cancelled it.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="name">What it means.</param>
    /// <param name="executedMs">The latest exchange's time at which the other was executed.</param>
    public bool IsAnew(ApplicationCall call, in OrderName name, long executedMs)
    {
        lock (_lock)
        {
            return Began(name, call, executedMs)
                || Began(name with { Kind = OperationKind.Place }, call, executedMs)
                || Began(name with { Kind = OperationKind.Cancel }, call, executedMs)
                || Began(name with { Kind = OperationKind.Cancel, Symbol = "" }, call, executedMs);
        }
    }

    /// <summary>As above, by a cancel of all. Its reply names no order, so that a look-up must show whether it cancelled this one.</summary>
    public bool MayBeAnew(ApplicationCall call, in OrderName name, long executedMs)
    {
        lock (_lock)
        {
            return Began(name with { Kind = OperationKind.CancelAll, Id = "" }, call, executedMs);
        }
    }

    private bool Began(OrderName name, ApplicationCall call, long executedMs) =>
        _begunAnew.TryGetValue((name, call.Account.Counted), out var began) && began.Number < call.Number && began.AtMs >= executedMs;

    private void BeginAnew(in OrderName name, AccountIdentity account, long number, long atMs)
    {
        if (journal.IsDurable && atMs > 0 && _begunAnew.Count < MostBegunAnew && time.GetElapsedTime(_began) <= EarlierRunsAnswerFor)
        {
            _begunAnew[(name, account.Counted)] = (number, atMs);
        }
    }

    private static List<OrderName> PlacesOf(OrderName cancel, IEnumerable<OrderName> known) =>
        cancel is { Kind: OperationKind.Cancel, Symbol.Length: > 0 } ? [cancel with { Kind = OperationKind.Place }] : [.. known.Where(place => cancel.Cancels(place))];

    /// <summary>What an earlier run left in doubt stands as if it had been claimed here.</summary>
    public Claim Restore(ExchangeOperation operation, ClaimOrigin origin, JournalEntry entry, ReconciliationOptions options)
    {
        lock (_lock)
        {
            var claim = Add(operation, origin, options, entry.CreatedAt);
            claim.Tellings.Owe(time.GetTimestamp());
            Adopt(claim, entry);
            return claim;
        }
    }

    /// <summary>The journal knows of the order already: the claim takes that over, and is in doubt.</summary>
    public void Adopt(Claim claim, JournalEntry entry)
    {
        claim.DoubtedAt = claim.SentAt = time.GetTimestamp();
        claim.Tellings.MarkTroubled();
        claim.Adopt(entry, LocalErrors.FromEarlierRun());
        Interlocked.Increment(ref _inDoubt);
    }

    /// <summary>
    /// What an earlier run had the verdict of, and left unfinished. It stands in nobody's way here: a call that sends the order again meets it in the journal, which goes on
    /// calling it the earlier run's. Null where it was restored before.
    /// </summary>
    public Claim? RestoreVerdict(ExchangeOperation operation, ClaimOrigin origin, JournalEntry entry)
    {
        lock (_lock)
        {
            if (_restored.ContainsKey(entry.Id))
            {
                return null;
            }

            var claim = new Claim(operation, origin) { Since = entry.CreatedAt, Run = entry.Run };
            Settle(claim, entry);
            if (entry.Heard)
            {
                claim.Tellings.Told(time.GetTimestamp());
            }

            return _restored[entry.Id] = claim;
        }
    }

    /// <summary>The journal's verdict on an order of an earlier run answers a call that was about to send it.</summary>
    /// <returns>The claim that holds the verdict, in place of the one that the call would have sent under.</returns>
    public Claim Answer(ApplicationCall call, Claim claim, JournalEntry entry)
    {
        lock (_lock)
        {
            if (!_restored.Remove(entry.Id, out var known))
            {
                Settle(claim, entry);
                claim.Tellings.MarkTroubled();
                _lingering.Add(claim);
                return claim;
            }

            // Two claims must not write one entry.
            known.Run = null;
            known.Tellings.MarkTroubled();
            Replace(claim, known);
            claim.Unwrite();
            claim.Successor = known;
            claim.TrySettle(known.Outcome!, out _);
            Join(call, known);
            _lingering.Add(known);
            return known;
        }
    }

    /// <summary>The claim that stands for an entry of the journal; null where there is none.</summary>
    public Claim? FindEntry(in OrderName name, string entryId)
    {
        lock (_lock)
        {
            return _claims.GetValueOrDefault(name)?.Find(claim => string.Equals(claim.EntryId, entryId, StringComparison.Ordinal));
        }
    }

    /// <summary>The exchange's id of the order last placed here that an amendment or cancel names by its client id; null where that is not known.</summary>
    public string? FindPlacedOrder(in OrderName name, AccountIdentity account)
    {
        lock (_lock)
        {
            return PlacedOrder(name, account);
        }
    }

    /// <summary>The unsettled claim under a name that may be of an account; null where there is none.</summary>
    public Claim? FindUnsettled(in OrderName name, AccountIdentity account)
    {
        lock (_lock)
        {
            return _claims.GetValueOrDefault(name)?.Find(claim => !claim.IsSettled && claim.Origin.Account.Compare(account) != SameAccount.No);
        }
    }

    /// <summary>The orders of an account that a cancel is about, that were meant before it, and that may stand although it is not known yet.</summary>
    /// <param name="cancel">The cancel's name.</param>
    /// <param name="account">Whose.</param>
    /// <param name="number">The number of the cancel's call.</param>
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
            if (!claim.MarkInDoubt(error, reply))
            {
                return false;
            }

            Interlocked.Increment(ref _inDoubt);
            claim.Tellings.MarkTroubled();
        }

        claim.DoubtedAt = time.GetTimestamp();
        claim.Trail.Add(time.GetUtcNow(), $"in doubt after {error}");
        if (!claim.IsWrittenAhead || claim.IdIsTaken)
        {
            journal.Doubted(claim);
        }

        return true;
    }

    /// <summary>The truth about a claim. False where it was known already: then that stands.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="verdict">What is known.</param>
    /// <param name="rechecks">How often an absence will be asked about again.</param>
    /// <param name="atMs">The exchange's time; 0 where it is not known.</param>
    public bool TrySettle(Claim claim, Verdict verdict, int rechecks = 0, long atMs = 0)
    {
        bool isHeld;
        lock (_lock)
        {
            if (claim.IsSettled)
            {
                return false;
            }

            claim.SettledAt = time.GetUtcNow();
            claim.SettledAtMs = atMs;
            claim.Tellings.SettledAt = time.GetTimestamp();
            claim.RechecksLeft = Math.Max(0, claim.RechecksLeft) + rechecks;
            claim.TrySettle(verdict, out var wasInDoubt);
            if (wasInDoubt)
            {
                Interlocked.Decrement(ref _inDoubt);
                claim.Trail.Add(time.GetUtcNow(), $"{verdict.Execution}: {verdict.Evidence}");
            }

            if (claim.Number > 0 && verdict.Execution == ExecutionStatus.Executed)
            {
                BeginAnew(claim.Key, claim.Origin.Account, claim.Number, atMs);
            }

            _lingering.Add(claim);
            isHeld = IsHeld(claim);
            Free(claim, claim.Tellings.SettledAt);
        }

        // A running call writes it down as it ends, with who was told.
        if (!isHeld)
        {
            journal.Ended(claim);
        }

        return true;
    }

    /// <summary>What was believed absent stands: from now on a repeat is told so. What has been sent again meanwhile stands twice, and that is for the alarm alone.</summary>
    /// <returns>The record of what stands; null where there is one already.</returns>
    public Claim? Correct(Claim claim, Verdict truth)
    {
        lock (_lock)
        {
            if (claim.Successor is not null)
            {
                return null;
            }

            var now = time.GetTimestamp();
            var found = new Claim(claim.Operation, claim.Origin) { Since = claim.Since, Number = claim.Number, AskedBy = claim.AskedBy, OvertakenBy = claim.OvertakenBy, SettledAt = time.GetUtcNow(), IsCorrection = true };
            found.Tellings.Retention = claim.Tellings.Retention;
            found.Tellings.SettledAt = now;
            found.Tellings.Owe(now);
            foreach (var window in claim.Windows ?? [])
            {
                found.AddWindow(window);
            }

            found.TrySettle(truth, out _);
            claim.Successor = found;
            if (!_claims.TryGetValue(found.Key, out var claims))
            {
                _claims[found.Key] = claims = new List<Claim>(1);
            }

            claims.Add(found);
            _lingering.Add(found);
            if (claim.Cancel is { } cancel)
            {
                found.KeepCancel(cancel.Number);
            }

            return found;
        }
    }

    /// <summary>Somebody who waited for the verdict beside all calls has it.</summary>
    public void Told(Claim claim)
    {
        lock (_lock)
        {
            claim.Tellings.Pay(time.GetTimestamp());
        }

        journal.Ended(claim);
    }

    /// <summary>A recheck or a kept cancel of a claim has ended.</summary>
    public void FollowedUp(Claim claim)
    {
        lock (_lock)
        {
            if (claim is { RechecksLeft: <= 0, CancelWanted: false } && claim.EntryId is { } entry && _restored.GetValueOrDefault(entry) == claim)
            {
                _restored.Remove(entry);
            }

            Free(claim, time.GetTimestamp());
        }
    }

    private ClaimGrant Decide(
        ApplicationCall call, ExchangeOperation operation, ClaimOrigin origin, ReconciliationOptions options, IReadOnlyCollection<Claim> met, out List<Claim>? over)
    {
        over = null;
        var wish = Wish.Of(operation);
        lock (_lock)
        {
            var now = time.GetTimestamp();
            Claim? equal = null, other = null, cancelled = null;
            foreach (var claim in ClaimsOf(wish.Name))
            {
                switch (origin.Account.Compare(claim.Origin.Account))
                {
                    case SameAccount.Unclear when !claim.DidNothing && !IsFree(claim, now):
                    case SameAccount.No when operation.IdIsGenerated && claim.Operation.IdIsGenerated && !claim.DidNothing:
                        return new(ClaimAnswer.AccountUnclear, claim);
                    case SameAccount.Yes when claim.Successor is null:
                        var isEqual = string.Equals(claim.Operation.Fingerprint, wish.Terms, StringComparison.Ordinal);
                        equal = isEqual && Answers(claim, call) && !IsFree(claim, now) ? claim : equal;
                        other = !isEqual && !claim.IsSettled ? claim : other;
                        cancelled = isEqual && !claim.IsSettled && !Answers(claim, call) ? claim : cancelled;
                        break;
                    default:
                        break;
                }
            }

            if (call.IsOvertaken(wish.Name) || equal?.Cancel is { Fate: not KeptCancelFate.Expired } cancel && equal.DidNothing && call.Number < cancel.Number)
            {
                return equal is null ? new(ClaimAnswer.Overtaken, null) : Join(call, equal);
            }

            if (cancelled is not null)
            {
                return new(ClaimAnswer.Serialise, cancelled);
            }

            if (equal is { DidNothing: false })
            {
                return Join(call, equal);
            }

            if (operation.Kind == OperationKind.Amend && (other ?? AmendByOtherId(operation, origin)) is { } amend)
            {
                return new(ClaimAnswer.Serialise, amend);
            }

            if (other is not null)
            {
                return new(ClaimAnswer.OtherRequest, other);
            }

            if (call.IsClosed)
            {
                return new(ClaimAnswer.TooLate, null);
            }

            if (operation.IdIsGenerated && TwinInDoubt(operation, origin.Account, met) is { } twin)
            {
                return new(ClaimAnswer.TwinInDoubt, twin);
            }

            if (InDoubtCount >= options.MaxInDoubt && CountInDoubt(origin.Account) >= options.MaxInDoubt)
            {
                return new(ClaimAnswer.TooManyInDoubt, equal);
            }

            over = _claims.GetValueOrDefault(wish.Name)?.FindAll(static claim => claim.IsSettled);
            var granted = Add(operation, origin, options, time.GetUtcNow());
            granted.AskedBy = call.Number;
            granted.AmendedOrder = operation is { Kind: OperationKind.Amend, OrderId: null } ? PlacedOrder(wish.Name, origin.Account) : null;
            if (granted.Key.Kind == OperationKind.Amend)
            {
                DistinguishByOtherId(granted);
            }

            if (operation.Kind == OperationKind.Place && call.CancelledBy > 0)
            {
                granted.KeepCancel(call.CancelledBy);
            }

            if (equal is not null)
            {
                granted.Inherit(equal);
                granted.Tellings.GoOnFrom(equal.Tellings);
                equal.Successor = granted;
                Free(equal, now);
            }

            return Join(call, granted) with { Answer = ClaimAnswer.Go };
        }
    }

    private string? PlacedOrder(in OrderName name, AccountIdentity account)
    {
        var place = name with { Kind = OperationKind.Place };
        IEnumerable<Claim> placed = _latelyPlaced.TryGetValue(place, out var lately) ? [.. ClaimsOf(place), lately.Order] : ClaimsOf(place);
        return placed.Where(claim => claim.OvertakenBy.Number == 0 && account.Compare(claim.Origin.Account) == SameAccount.Yes).MaxBy(static claim => claim.Number)?.OrderId;
    }

    private static bool HasLeft(Claim claim) => claim.Number != 0 || claim.State != ClaimState.InFlight;

    private static bool Answers(Claim claim, ApplicationCall call) =>
        !(claim is { CancelledOnceTold: > 0, Tellings.AreComplete: true } && claim.CancelledOnceTold < call.Number && EvidenceRules.MayHaveRested(claim)) && IsWanted(claim, call);

    private static bool IsWanted(Claim claim, ApplicationCall call) =>
        claim.OvertakenBy.Number >= call.Number || claim.OvertakenBy is { Number: 0 } || claim.OvertakenBy.By is { Latest.DidNothing: true } || (claim.OvertakenBy.By is not null && !claim.IsSettled);

    private ClaimGrant Join(ApplicationCall call, Claim claim)
    {
        if (!call.IsClosed && call.Meet(claim))
        {
            claim.Tellings.CountCall(call.IsShared);
        }

        // Of several equal calls nobody knows which one a send came from, but that one which was overtaken sends nothing any more.
        foreach (var equal in CallsOf(claim.Key))
        {
            if (equal != call && !equal.IsClosed && equal.Means(claim) && !equal.IsOvertaken(claim.Key) && equal.Meet(claim))
            {
                claim.Tellings.CountCall(equal.IsShared);
            }
        }

        return new(ClaimAnswer.Join, claim);
    }

    private List<Claim> ClaimsOf(in OrderName name) => _claims.GetValueOrDefault(name, NoClaims);

    private List<ApplicationCall> CallsOf(in OrderName name) => _calls.GetValueOrDefault(name, NoCalls);

    private void NoteAnswered(ApplicationCall call, long now)
    {
        foreach (var wish in call.Wishes)
        {
            _answered[(wish, call.Account.Counted)] = now;
        }
    }

    private void ForgetAnswered(ApplicationCall call)
    {
        foreach (var wish in call.Wishes)
        {
            _answered.Remove((wish, call.Account.Counted));
        }
    }

    private bool WasAnswered(in Wish wish, AccountIdentity account) =>
        _answered.TryGetValue((wish, account.Counted), out var at) && time.GetElapsedTime(at) <= LateSendsComeWithin;

    private static bool IsOpenToEvidence(Claim claim) => !claim.IsSettled || (claim.DidNothing && claim.RechecksLeft > 0 && claim.Successor is null);

    private Claim Add(ExchangeOperation operation, ClaimOrigin origin, ReconciliationOptions options, DateTimeOffset since)
    {
        var claim = new Claim(operation, origin) { Since = since };
        claim.Tellings.Retention = options.VerdictRetention;
        Distinguish(claim);
        if (!_claims.TryGetValue(claim.Key, out var claims))
        {
            _claims[claim.Key] = claims = new List<Claim>(1);
        }

        claims.Add(claim);
        return claim;
    }

    /// <summary>What is known of orders and amendments that bore the name before: whatever their times, they are not this one.</summary>
    private void Distinguish(Claim claim)
    {
        if (_latelyCancelled.TryGetValue(claim.Key, out var cancelled))
        {
            claim.OlderOrders = [.. claim.OlderOrders, cancelled.Order];
        }

        IEnumerable<Claim> older = _latelyPlaced.TryGetValue(claim.Key, out var lately) ? [lately.Order, .. ClaimsOf(claim.Key)] : ClaimsOf(claim.Key);
        foreach (var order in older.Select(static older => older.Outcome is { Execution: ExecutionStatus.Executed, Reply: { } reply } ? OrderEvidence.Read(reply.Body) : null).OfType<OrderEvidence>())
        {
            claim.IsAfter(order);
        }
    }

    /// <summary>Earlier amendments of the same order that named it by the other kind of id are not this one either.</summary>
    private void DistinguishByOtherId(Claim claim)
    {
        if (claim.OrderId is not { } order)
        {
            return;
        }

        foreach (var other in _lingering.Concat(_latelyPlaced.Values.Select(static lately => lately.Order)))
        {
            if (other.Key.Kind == OperationKind.Amend && other.Key != claim.Key && IsNeighbour(other, claim.Operation, claim.Origin.Account)
                && string.Equals(other.OrderId, order, StringComparison.Ordinal)
                && other.Outcome is { Execution: ExecutionStatus.Executed, Reply: { } reply } && OrderEvidence.Read(reply.Body) is { } amended)
            {
                claim.IsAfter(amended);
            }
        }
    }

    private void Settle(Claim claim, JournalEntry entry)
    {
        claim.TakeOver(entry);
        claim.TrySettle(JournalRules.VerdictOf(entry), out _);

        // Told again, a verdict is as old as it was.
        claim.SettledAt = entry.SettledAt ?? entry.CreatedAt;
        claim.SettledAtMs = entry.SettledAtMs;
        claim.Tellings.SettledAt = time.GetTimestamp();
    }

    private void Replace(Claim claim, Claim known)
    {
        var claims = _claims[claim.Key];
        claims[claims.IndexOf(claim)] = known;
    }

    private ApplicationCall Register(ApplicationCall call)
    {
        var now = time.GetTimestamp();
        foreach (var wish in call.Wishes)
        {
            // From now on this call holds what it means, but for what was over before.
            foreach (var claim in ClaimsOf(wish.Name).FindAll(claim => IsFinished(claim, now)))
            {
                Free(claim, now);
            }

            if (!_calls.TryGetValue(wish.Name, out var running))
            {
                _calls[wish.Name] = running = new List<ApplicationCall>(1);
            }

            foreach (var equal in running.FindAll(each => each.Wants(wish) && each.Account.Compare(call.Account) != SameAccount.No))
            {
                equal.IsShared = call.IsShared = true;
                foreach (var claim in equal.Joined)
                {
                    claim.Tellings.MarkTroubled();
                }
            }

            running.Add(call);
        }

        return call;
    }

    private void Unregister(ApplicationCall call)
    {
        call.IsClosed = true;
        foreach (var id in call.GivenIds ?? [])
        {
            _given.TryRemove(id, out _);
        }

        foreach (var wish in call.Wishes)
        {
            if (_calls.TryGetValue(wish.Name, out var running) && running.Remove(call) && running.Count == 0)
            {
                _calls.Remove(wish.Name);
            }
        }
    }

    private void Overtake(in OrderName name, Claim by, string? unless = null)
    {
        foreach (var call in CallsOf(name))
        {
            if (call.Number < by.Number && by.Origin.Account.Compare(call.Account) != SameAccount.No && (unless is null || !call.Wants(new Wish(name, unless))))
            {
                call.Overtake(name, by);
            }
        }

        foreach (var claim in ClaimsOf(name))
        {
            if (claim.Number < by.Number && by.Origin.Account.Compare(claim.Origin.Account) != SameAccount.No
                && (unless is null || !string.Equals(claim.Operation.Fingerprint, unless, StringComparison.Ordinal)))
            {
                claim.OvertakenBy = (by.Number, by);
            }
        }
    }

    /// <summary>Amendments of the same order that name it by the other kind of id.</summary>
    private void OvertakeByOtherId(Claim by)
    {
        if (by.OrderId is not { } order)
        {
            return;
        }

        foreach (var claim in _lingering)
        {
            if (claim.Key.Kind == OperationKind.Amend && claim.Key != by.Key && IsNeighbour(claim, by.Operation, by.Origin.Account) && string.Equals(claim.OrderId, order, StringComparison.Ordinal))
            {
                claim.OvertakenBy = (by.Number, by);
            }
        }
    }

    /// <summary>Another amendment, in flight or in doubt, that names its order by the other kind of id: nothing shows whether it is the same order.</summary>
    private Claim? AmendByOtherId(ExchangeOperation operation, ClaimOrigin origin)
    {
        foreach (var claims in _claims.Values)
        {
            foreach (var claim in claims)
            {
                if (claim is { IsSettled: false, Key.Kind: OperationKind.Amend }
                    && claim.Operation.OrderId is null != operation.OrderId is null
                    && IsNeighbour(claim, operation, origin.Account))
                {
                    return claim;
                }
            }
        }

        return null;
    }

    private Claim? TwinInDoubt(ExchangeOperation operation, AccountIdentity account, IReadOnlyCollection<Claim> met)
    {
        if (InDoubtCount == 0)
        {
            return null;
        }

        var now = time.GetTimestamp();
        foreach (var claims in _claims.Values)
        {
            foreach (var claim in claims)
            {
                if (claim.State == ClaimState.InDoubt && IsTwin(claim, operation, account, met)
                    && (EvidenceRules.DeadlineMs(claim) is not null || time.GetElapsedTime(claim.SentAt, now) <= BlocksOthersFor))
                {
                    return claim;
                }
            }
        }

        return null;
    }

    private static bool IsTwin(Claim claim, ExchangeOperation operation, AccountIdentity account, IReadOnlyCollection<Claim> met) =>
        claim.Operation.IdIsGenerated
        && string.Equals(claim.Operation.Fingerprint, operation.Fingerprint, StringComparison.Ordinal)
        && !string.Equals(claim.Key.Id, operation.TargetId, StringComparison.Ordinal)
        && !met.Contains(claim)
        && IsNeighbour(claim, operation, account);

    private static bool IsNeighbour(Claim claim, ExchangeOperation operation, AccountIdentity account) =>
        claim.Key.Kind == operation.Kind
        && string.Equals(claim.Key.Symbol, operation.Symbol ?? "", StringComparison.Ordinal)
        && string.Equals(claim.Operation.Endpoint.Path, operation.Endpoint.Path, StringComparison.Ordinal)
        && claim.Origin.Account.Compare(account) != SameAccount.No;

    // An order that no client can ask about, or that has been in doubt for an hour, ends when the application learns of it by itself; it must not stop orders that can be settled.
    private int CountInDoubt(AccountIdentity account)
    {
        var now = time.GetTimestamp();
        return _claims.Values.Sum(claims => claims.Count(claim =>
            claim is { State: ClaimState.InDoubt, Origin.CanAsk: true }
            && time.GetElapsedTime(claim.SentAt, now) <= BlocksOthersFor
            && string.Equals(claim.Origin.Account.Counted, account.Counted, StringComparison.Ordinal)));
    }

    private List<Claim> Where(Predicate<Claim> wanted)
    {
        lock (_lock)
        {
            List<Claim> found = [];
            foreach (var claims in _claims.Values)
            {
                found.AddRange(claims.FindAll(wanted));
            }

            return found;
        }
    }

    /// <summary>A call is running that means the claim.</summary>
    private bool IsHeld(Claim claim) => CallsOf(claim.Key).Exists(call => call.Means(claim));

    /// <summary>Its verdict answers nobody any more, so that an equal order is a new one.</summary>
    private bool IsFree(Claim claim, long now) => claim.Outcome is { Execution: ExecutionStatus.Executed } && !IsHeld(claim) && claim.Tellings.AreOver(time, now);

    private bool IsFinished(Claim claim, long now) => claim.IsSettled && !claim.CancelWanted
        && (claim.DidNothing ? claim.RechecksLeft <= 0 && !IsHeld(claim) && (claim.Successor is not null || claim.Tellings.IsQuiet(time, now)) : IsFree(claim, now));

    private void Free(Claim claim, long now)
    {
        if (IsFinished(claim, now))
        {
            _lingering.Remove(claim);
            if (claim is { DidNothing: false, Key.Kind: OperationKind.Place or OperationKind.Amend, Operation.IdIsGenerated: false })
            {
                _latelyPlaced[claim.Key] = (claim, now);
            }

            if (_claims.TryGetValue(claim.Key, out var claims) && claims.Remove(claim) && claims.Count == 0)
            {
                _claims.Remove(claim.Key);
            }
        }
    }

    private void Sweep()
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_sweptAt, now) < SweepInterval)
        {
            return;
        }

        _sweptAt = now;
        foreach (var claim in _lingering.ToList())
        {
            Free(claim, now);
        }

        // Its time tells an order that is older than that from one that follows it under its id.
        foreach (var (name, (_, at)) in _latelyPlaced)
        {
            if (time.GetElapsedTime(at, now) > SweepInterval)
            {
                _latelyPlaced.Remove(name);
            }
        }

        foreach (var (name, (_, at)) in _latelyCancelled)
        {
            if (time.GetElapsedTime(at, now) > SweepInterval)
            {
                _latelyCancelled.Remove(name);
            }
        }

        foreach (var (answered, at) in _answered)
        {
            if (time.GetElapsedTime(at, now) > LateSendsComeWithin)
            {
                _answered.Remove(answered);
            }
        }
    }
}
