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

    /// <summary>Another amendment of the same order is under way: wait for it, then ask again.</summary>
    Serialise,
}

internal readonly record struct ClaimGrant(ClaimAnswer Answer, Claim? Claim);

/// <summary>All claims of the process. Claims outlive requests, handlers and configuration.</summary>
internal sealed class ClaimTable(TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<ClaimKey, Claim> _claims = [];
    private readonly Queue<(Claim Claim, long SettledAt)> _unheard = new();
    private readonly ConcurrentDictionary<(string Environment, string Account, string? Symbol), long> _lastPlaced = new();
    private int _inDoubt;

    /// <summary>How many claims are in doubt; read without a lock on every query.</summary>
    public int InDoubtCount => Volatile.Read(ref _inDoubt);

    public IReadOnlyList<Claim> InDoubt
    {
        get { lock (_lock) { return [.. _claims.Values.Where(claim => claim.State == ClaimState.InDoubt)]; } }
    }

    public ClaimGrant TryClaim(ClaimKey key, ExchangeOperation operation, ClaimOrigin origin, ReconciliationOptions options)
    {
        lock (_lock)
        {
            ForgetUnheard(options.VerdictRetention);
            if (_claims.TryGetValue(key, out var standing))
            {
                if (!string.Equals(standing.Operation.Fingerprint, operation.Fingerprint, StringComparison.Ordinal))
                {
                    return standing.State switch
                    {
                        ClaimState.InFlight or ClaimState.InDoubt when key.Kind == OperationKind.Amend => new(ClaimAnswer.Serialise, standing),
                        ClaimState.Settled when key.Kind == OperationKind.Amend || DidNothing(standing) => Grant(key, operation, origin),
                        _ => new(ClaimAnswer.OtherRequest, standing),
                    };
                }

                return DidNothing(standing) ? Grant(key, operation, origin) : new(ClaimAnswer.Join, standing);
            }

            if (operation.IdIsGenerated && Twin(key, operation) is { } twin)
            {
                return twin.State == ClaimState.InDoubt ? new(ClaimAnswer.TwinInDoubt, twin) : new(ClaimAnswer.Join, twin);
            }

            return InDoubtCount >= options.MaxInDoubt
                ? new(ClaimAnswer.TooManyInDoubt, null)
                : Grant(key, operation, origin);
        }
    }

    /// <summary>The claim of an order that may be in flight or in doubt under this id.</summary>
    public Claim? Find(ClaimKey key)
    {
        lock (_lock)
        {
            return _claims.GetValueOrDefault(key);
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
        return true;
    }

    /// <summary>An order may have been placed for the symbol; null stands for any.</summary>
    public void NotePlaced(string environment, string account, string? symbol) => _lastPlaced[(environment, account, symbol)] = time.GetTimestamp();

    /// <summary>Whether an order may have been placed for the symbol after a moment.</summary>
    public bool PlacedSince(string environment, string account, string? symbol, long since) =>
        (_lastPlaced.TryGetValue((environment, account, symbol), out var named) && named > since)
        || (_lastPlaced.TryGetValue((environment, account, null), out var any) && any > since);

    public void Resume(Claim claim)
    {
        claim.Resume();
        Interlocked.Decrement(ref _inDoubt);
    }

    /// <summary>The owner's own verdict. The claim stands until that is heard.</summary>
    public void Settle(Claim claim, Verdict verdict)
    {
        var wasInDoubt = claim.State == ClaimState.InDoubt;
        claim.Settle(verdict);
        if (wasInDoubt)
        {
            Interlocked.Decrement(ref _inDoubt);
        }
    }

    /// <summary>The reconciler's verdict. False where the truth was known already.</summary>
    public bool TryConclude(Claim claim, Verdict verdict)
    {
        if (!claim.TryConclude(verdict, out var settles))
        {
            return false;
        }

        if (settles)
        {
            Interlocked.Decrement(ref _inDoubt);
            KeepUnheard(claim);
        }

        return true;
    }

    /// <summary>The owner was cancelled or ran out of time.</summary>
    public void OwnerLeaves(Claim claim)
    {
        if (claim.OwnerLeaves())
        {
            Interlocked.Decrement(ref _inDoubt);
            KeepUnheard(claim);
        }
    }

    /// <summary>The verdict has been heard by an uncancelled call.</summary>
    public void End(Claim claim)
    {
        lock (_lock)
        {
            if (_claims.TryGetValue(claim.Key, out var standing) && ReferenceEquals(standing, claim))
            {
                _claims.Remove(claim.Key);
            }
        }
    }

    /// <summary>Whoever asked has gone without hearing the verdict: it is kept for the next who asks.</summary>
    public void KeepUnheard(Claim claim)
    {
        lock (_lock)
        {
            if (_claims.TryGetValue(claim.Key, out var standing) && ReferenceEquals(standing, claim))
            {
                claim.IsUnheard = true;
                _unheard.Enqueue((claim, time.GetTimestamp()));
            }
        }
    }

    private static bool DidNothing(Claim claim) => claim.Outcome is { Execution: ExecutionStatus.NotExecuted };

    private ClaimGrant Grant(ClaimKey key, ExchangeOperation operation, ClaimOrigin origin)
    {
        var claim = new Claim(key, operation, origin);
        _claims[key] = claim;
        return new(ClaimAnswer.Go, claim);
    }

    // An equal order without an id of its own that is in doubt, or whose verdict nobody has heard: this may be its repeat.
    private Claim? Twin(ClaimKey key, ExchangeOperation operation) =>
        InDoubtCount == 0 && _unheard.Count == 0
            ? null
            : _claims.Values.FirstOrDefault(claim =>
                (claim.State == ClaimState.InDoubt || (claim is { IsUnheard: true, Operation.IdIsGenerated: true } && !DidNothing(claim)))
                && claim.Key.Kind == key.Kind
                && string.Equals(claim.Key.Environment, key.Environment, StringComparison.Ordinal)
                && string.Equals(claim.Key.Account, key.Account, StringComparison.Ordinal)
                && string.Equals(claim.Key.Symbol, key.Symbol, StringComparison.Ordinal)
                && string.Equals(claim.Operation.Fingerprint, operation.Fingerprint, StringComparison.Ordinal));

    private void ForgetUnheard(TimeSpan retention)
    {
        while (_unheard.TryPeek(out var oldest) && time.GetElapsedTime(oldest.SettledAt) > retention)
        {
            _unheard.Dequeue();
            if (_claims.TryGetValue(oldest.Claim.Key, out var standing) && ReferenceEquals(standing, oldest.Claim))
            {
                _claims.Remove(oldest.Claim.Key);
            }
        }
    }
}
