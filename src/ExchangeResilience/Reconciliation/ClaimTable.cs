using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>What the table says to a request that wants to leave.</summary>
internal enum ClaimAnswer
{
    /// <summary>Nobody else has it: send.</summary>
    Go,

    /// <summary>The same request is in flight, in doubt, or settled and not yet heard: wait for its verdict.</summary>
    Join,

    /// <summary>The id is taken by a request with other parameters.</summary>
    OtherRequest,

    /// <summary>An equal order without an id of its own is in doubt under a generated one.</summary>
    TwinInDoubt,

    /// <summary>Too many orders are in doubt.</summary>
    TooManyInDoubt,

    /// <summary>Another amendment that may be of the same order is under way: wait for it, then ask again.</summary>
    Serialise,
}

internal readonly record struct ClaimGrant(ClaimAnswer Answer, Claim? Claim);

/// <summary>All claims of the process. Claims outlive requests, handlers and configuration.</summary>
internal sealed class ClaimTable(TimeProvider time, ClaimJournal journal)
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    // A loop that builds its order anew each time comes back within seconds and is given the verdict it missed. Later, an equal order is a wish of its own.
    private static readonly TimeSpan RepeatsComeWithin = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<ClaimKey, Claim> _claims = [];
    private readonly Dictionary<Claim, long> _unheard = [];
    private readonly Dictionary<ClaimKey, Claim> _refusedTwins = [];
    private readonly Dictionary<string, Claim> _recalled = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Environment, string Account, string? Symbol), long> _lastPlaced = new();
    private long _unheardSweptAt = time.GetTimestamp();
    private int _inDoubt;

    /// <summary>How many claims are in doubt; read without a lock on every query.</summary>
    public int InDoubtCount => Volatile.Read(ref _inDoubt);

    public IReadOnlyList<Claim> InDoubt
    {
        get { lock (_lock) { return [.. _claims.Values.Where(claim => claim.State == ClaimState.InDoubt)]; } }
    }

    /// <param name="key">What the request is claimed under.</param>
    /// <param name="operation">The request.</param>
    /// <param name="origin">Whom to ask about it.</param>
    /// <param name="options">How long verdicts are kept, and how many orders may be in doubt.</param>
    /// <param name="met">The claims that other items of the same batch have met: a verdict answers for one item, and none may take another's.</param>
    public ClaimGrant TryClaim(ClaimKey key, ExchangeOperation operation, ClaimOrigin origin, ReconciliationOptions options, IReadOnlyCollection<Claim>? met = null)
    {
        lock (_lock)
        {
            ForgetUnheard(options.VerdictRetention);
            // A repeat of what has left already waits for nobody else: were it told that it has not left, that would be no news of the one that has.
            var isKnown = _claims.TryGetValue(key, out var standing);
            if (key.Kind == OperationKind.Amend && !(isKnown && IsRepeat(standing!, operation)) && OtherAmend(key, operation) is { } other)
            {
                return new(ClaimAnswer.Serialise, other);
            }

            if (standing is not null)
            {
                return Meet(standing, key, operation, origin);
            }

            if (TwinOf(key, operation, met ?? []) is { } twin)
            {
                // Remembered under its own id too: whoever repeats the refused message must not slip through with it.
                _refusedTwins[key] = twin;
                return new(WasJustSettled(twin) ? ClaimAnswer.Join : ClaimAnswer.TwinInDoubt, twin);
            }

            return InDoubtCount >= options.MaxInDoubt
                ? new(ClaimAnswer.TooManyInDoubt, null)
                : Grant(key, operation, origin);
        }
    }

    /// <summary>What an earlier run left in doubt stands as if it had been claimed here.</summary>
    public Claim Restore(ClaimKey key, ExchangeOperation operation, ClaimOrigin origin, JournalEntry entry)
    {
        lock (_lock)
        {
            var claim = Grant(key, operation, origin, entry.CreatedAt).Claim!;
            Adopt(claim, entry);
            return claim;
        }
    }

    /// <summary>The journal knows of the order already: the claim takes that over, and is in doubt.</summary>
    public void Adopt(Claim claim, JournalEntry entry)
    {
        claim.DoubtedAt = time.GetTimestamp();
        claim.Adopt(entry, LocalErrors.FromEarlierRun());
        Interlocked.Increment(ref _inDoubt);
    }

    /// <summary>
    /// What an earlier run had the verdict of, and left unfinished. It stands in nobody's way here: whoever sends the order again meets it in the journal, which goes on calling it the
    /// earlier run's.
    /// </summary>
    public Claim Recall(ExchangeOperation operation, ClaimOrigin origin, JournalEntry entry)
    {
        var claim = JournalRules.Recall(operation, origin, entry);
        lock (_lock)
        {
            _recalled[entry.Id] = claim;
        }

        return claim;
    }

    /// <summary>Whether the verdict of an entry was recalled before.</summary>
    public bool HasRecalled(string entryId)
    {
        lock (_lock)
        {
            return _recalled.ContainsKey(entryId);
        }
    }

    /// <summary>The journal's verdict on an order of an earlier run becomes that of a claim, which stands until it is heard.</summary>
    public void Answer(Claim claim, JournalEntry entry)
    {
        claim.TakeOver(entry);
        Settle(claim, JournalRules.VerdictOf(entry));

        // Told again, a verdict is as old as it was.
        claim.SettledAt = entry.SettledAt ?? entry.CreatedAt;
        lock (_lock)
        {
            // Two claims write one entry from now on: what is done about the order must not make unheard again what has been told.
            _recalled.GetValueOrDefault(entry.Id)?.ToldBy(claim);
        }
    }

    /// <summary>The claim that stands under a key; null where there is none.</summary>
    public Claim? Find(in ClaimKey key)
    {
        lock (_lock)
        {
            return _claims.GetValueOrDefault(key);
        }
    }

    /// <summary>The claim under which the order of a claim that did nothing was sent again, and may have taken effect; null where it was not, or what has its id is another order.</summary>
    public Claim? SuccessorOf(Claim claim)
    {
        lock (_lock)
        {
            return _claims.TryGetValue(claim.Key, out var standing) && !ReferenceEquals(standing, claim) && IsRepeat(standing, claim.Operation) ? standing : null;
        }
    }

    /// <summary>The claim of a placed order. A conditional order is cancelled and shown without its symbol, so null stands for any.</summary>
    public Claim? FindPlace(string environment, string account, string? symbol, string id)
    {
        lock (_lock)
        {
            return symbol is not null
                ? _claims.GetValueOrDefault(new ClaimKey(environment, account, symbol, OperationKind.Place, id))
                : _claims.Values.FirstOrDefault(claim => claim.Key == new ClaimKey(environment, account, claim.Key.Symbol, OperationKind.Place, id));
        }
    }

    /// <summary>True where the claim has just become in doubt and the search for its truth must begin.</summary>
    public bool MarkInDoubt(Claim claim, ExchangeError error, ReplySnapshot? reply)
    {
        if (!claim.MarkInDoubt(error, reply))
        {
            return false;
        }

        Interlocked.Increment(ref _inDoubt);
        claim.DoubtedAt = time.GetTimestamp();
        claim.Trail.Add(time.GetUtcNow(), $"in doubt after {error}");
        if (!claim.IsWrittenAhead || claim.IdIsTaken)
        {
            journal.Doubted(claim);
        }

        return true;
    }

    /// <summary>An order may have been placed for the symbol; null stands for any.</summary>
    public void NotePlaced(string environment, string account, string? symbol) => _lastPlaced[(environment, account, symbol)] = time.GetTimestamp();

    /// <summary>Whether an order may have been placed for the symbol after a moment.</summary>
    public bool PlacedSince(string environment, string account, string? symbol, long since) =>
        (_lastPlaced.TryGetValue((environment, account, symbol), out var named) && named >= since)
        || (_lastPlaced.TryGetValue((environment, account, null), out var any) && any >= since);

    public void Resume(Claim claim)
    {
        claim.Resume();
        Interlocked.Decrement(ref _inDoubt);
    }

    /// <summary>The owner's own verdict. The claim stands until that is heard.</summary>
    public void Settle(Claim claim, Verdict verdict)
    {
        var wasInDoubt = claim.State == ClaimState.InDoubt;
        claim.SettledAt = time.GetUtcNow();
        claim.Settle(verdict);
        if (wasInDoubt)
        {
            Interlocked.Decrement(ref _inDoubt);
        }
    }

    /// <summary>The reconciler's verdict. False where the truth was known already.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="verdict">What was found.</param>
    /// <param name="rechecks">How often it will be asked about again.</param>
    public bool TryConclude(Claim claim, Verdict verdict, int rechecks = 0)
    {
        // Settled and kept in one step: a repeat that asks in between must not find the claim gone from doubt and not yet kept.
        lock (_lock)
        {
            if (!claim.TryConclude(verdict, out var settles))
            {
                return false;
            }

            // What was sent again and executed may have doubled an order whose absence was believed wrongly: that is asked about all the same.
            claim.RechecksLeft = Math.Max(0, claim.RechecksLeft) + rechecks;
            claim.Trail.Add(time.GetUtcNow(), $"{verdict.Execution}: {verdict.Evidence}");
            if (settles)
            {
                Interlocked.Decrement(ref _inDoubt);
                claim.SettledAt = time.GetUtcNow();
                Keep(claim);
            }

            return true;
        }
    }

    /// <summary>The owner was cancelled or ran out of time.</summary>
    public void OwnerLeaves(Claim claim)
    {
        lock (_lock)
        {
            if (claim.OwnerLeaves())
            {
                Interlocked.Decrement(ref _inDoubt);
                claim.SettledAt = time.GetUtcNow();
                Keep(claim);
            }
        }
    }

    /// <summary>The verdict has been heard by an uncancelled call.</summary>
    public void End(Claim claim)
    {
        lock (_lock)
        {
            Forget(claim);
            journal.Ended(claim, heard: true);
        }
    }

    /// <summary>Whoever asked has gone without hearing the verdict: it is kept for the next who asks.</summary>
    public void KeepUnheard(Claim claim)
    {
        lock (_lock)
        {
            Keep(claim);
        }
    }

    private static bool IsRepeat(Claim standing, ExchangeOperation operation) =>
        !DidNothing(standing) && string.Equals(standing.Operation.Fingerprint, operation.Fingerprint, StringComparison.Ordinal);

    private static bool DidNothing(Claim claim) => claim.Outcome is { Execution: ExecutionStatus.NotExecuted };

    private ClaimGrant Grant(ClaimKey key, ExchangeOperation operation, ClaimOrigin origin, DateTimeOffset? since = null)
    {
        var claim = new Claim(key, operation, origin) { Since = since ?? time.GetUtcNow() };
        _claims[key] = claim;
        return new(ClaimAnswer.Go, claim);
    }

    private ClaimGrant Meet(Claim standing, in ClaimKey key, ExchangeOperation operation, ClaimOrigin origin)
    {
        var isSame = string.Equals(standing.Operation.Fingerprint, operation.Fingerprint, StringComparison.Ordinal);
        if (DidNothing(standing))
        {
            var grant = Succeed(standing, key, operation, origin);
            if (isSame && standing.CancelWanted)
            {
                // The order was cancelled while nobody knew whether it existed; a repeat of it is cancelled too.
                grant.Claim!.KeepCancel();
            }

            return grant;
        }

        if (isSame)
        {
            return new(ClaimAnswer.Join, standing);
        }

        // An amendment that is over stands in nobody's way; an order's id stays taken until its verdict was heard.
        return standing.State == ClaimState.Settled && key.Kind == OperationKind.Amend
            ? Succeed(standing, key, operation, origin)
            : new(ClaimAnswer.OtherRequest, standing);
    }

    /// <summary>Takes the place of a claim that is over. Its verdict may still be on its way up: the journal is told of it now, or the new entry would meet an open one.</summary>
    private ClaimGrant Succeed(Claim standing, in ClaimKey key, ExchangeOperation operation, ClaimOrigin origin)
    {
        journal.Ended(standing, heard: false);
        return Grant(key, operation, origin);
    }

    /// <summary>
    /// Another amendment, in flight or in doubt, that may be of the same order: it names the same, or names it by the other kind of id, so that
    /// nobody can tell.
    /// </summary>
    private Claim? OtherAmend(ClaimKey key, ExchangeOperation operation) => _claims.Values.FirstOrDefault(claim =>
        claim.State != ClaimState.Settled
        && IsNeighbour(claim.Key, key)
        && (claim.Key == key
            ? !string.Equals(claim.Operation.Fingerprint, operation.Fingerprint, StringComparison.Ordinal)
            : claim.Operation.OrderId is null != operation.OrderId is null));

    /// <summary>An equal order without an id of its own that is in doubt, or whose verdict nobody has heard: this may be its repeat.</summary>
    private Claim? TwinOf(ClaimKey key, ExchangeOperation operation, IReadOnlyCollection<Claim> met)
    {
        if (InDoubtCount == 0 && _unheard.Count == 0)
        {
            return null;
        }

        if (_refusedTwins.TryGetValue(key, out var known) && IsOpen(known))
        {
            return known;
        }

        return !operation.IdIsGenerated
            ? null
            : _claims.Values.FirstOrDefault(claim =>
                IsNeighbour(claim.Key, key)
                && IsOpen(claim)
                && !met.Contains(claim)
                && string.Equals(claim.Operation.Fingerprint, operation.Fingerprint, StringComparison.Ordinal));
    }

    /// <summary>In doubt, or executed a moment ago without anybody having heard so.</summary>
    private bool IsOpen(Claim claim) =>
        claim.State == ClaimState.InDoubt || (WasJustSettled(claim) && claim.Operation.IdIsGenerated && !DidNothing(claim));

    private bool WasJustSettled(Claim claim) => _unheard.TryGetValue(claim, out var settledAt) && time.GetElapsedTime(settledAt) <= RepeatsComeWithin;

    private static bool IsNeighbour(in ClaimKey one, in ClaimKey other) =>
        one.Kind == other.Kind
        && string.Equals(one.Symbol, other.Symbol, StringComparison.Ordinal)
        && string.Equals(one.Account, other.Account, StringComparison.Ordinal)
        && string.Equals(one.Environment, other.Environment, StringComparison.Ordinal);

    private void Keep(Claim claim)
    {
        journal.Ended(claim, heard: false);
        if (_claims.TryGetValue(claim.Key, out var standing) && ReferenceEquals(standing, claim))
        {
            _unheard[claim] = time.GetTimestamp();
        }
        else
        {
            Forget(claim);
        }
    }

    private void ForgetUnheard(TimeSpan retention)
    {
        if (_unheard.Count == 0 || time.GetElapsedTime(_unheardSweptAt) < SweepInterval)
        {
            return;
        }

        _unheardSweptAt = time.GetTimestamp();
        foreach (var claim in _unheard.Where(entry => time.GetElapsedTime(entry.Value) > retention).Select(entry => entry.Key).ToList())
        {
            Forget(claim);
        }
    }

    private void Forget(Claim claim)
    {
        _unheard.Remove(claim);
        if (_claims.TryGetValue(claim.Key, out var standing) && ReferenceEquals(standing, claim))
        {
            _claims.Remove(claim.Key);
        }

        if (_refusedTwins.Count > 0)
        {
            foreach (var alias in _refusedTwins.Where(entry => ReferenceEquals(entry.Value, claim)).Select(entry => entry.Key).ToList())
            {
                _refusedTwins.Remove(alias);
            }
        }
    }
}
