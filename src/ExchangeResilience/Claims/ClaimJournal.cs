using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>Writes claims down: before they leave, when they become in doubt, and when they are over. Without a journal it does nothing, and claims live in memory alone.</summary>
internal sealed class ClaimJournal(IOrderJournal? journal, ISharedOrderJournal? shared, TimeProvider time, RandomSource random, ILogger<ClaimJournal> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    // A read outside an order's own call does not wait for a journal that hangs.
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(1);

    private const int LongestRefusal = 4 * 1024;

    private readonly UnwrittenVerdicts _unwritten = new();
    private int _isTold;

    /// <summary>Whether anything outlives the process.</summary>
    public bool IsDurable => journal is not null;

    /// <summary>Why the journal's last call failed, or its store is away; null where neither is so.</summary>
    public string? Fault => shared?.Fleet.StoreFault ?? (journal as MeasuredJournal)?.Fault;

    /// <summary>An order could not be written down in the time in which it could leave.</summary>
    public JournalException NoteSilence()
    {
        var silence = new JournalException("The order journal did not write in the time in which the order could leave. Find out what its store waits for.");
        if (NoteFault(silence.Message))
        {
            Log.JournalSilent(logger, silence.Message);
        }

        return silence;
    }

    /// <summary>The journal keeps orders from leaving. True for the first to meet that since it worked; that it works again is logged after that.</summary>
    public bool NoteFault(string fault)
    {
        (journal as MeasuredJournal)?.NoteFault(fault);
        return Interlocked.Exchange(ref _isTold, 1) == 0;
    }

    /// <summary>The journal's other side, where living processes share it; else null.</summary>
    public ISharedOrderJournal? Shared => shared;

    /// <summary>This run of the program.</summary>
    public string Run { get; } = shared?.Member ?? (journal is null ? "" : random.NextId());

    /// <summary>Whether a running process holds an entry, or will soon, so that this one does not search for its outcome.</summary>
    public bool IsHeldElsewhere(JournalEntry entry) => shared is not null && IsAnotherRuns(entry);

    public bool IsAnotherRuns(JournalEntry entry) => !string.Equals(entry.Run, Run, StringComparison.Ordinal);

    /// <summary>What people call the process that holds an entry.</summary>
    public string HolderOf(JournalEntry entry) =>
        shared?.Fleet.Members.FirstOrDefault(member => string.Equals(member.Id, entry.Run, StringComparison.Ordinal))?.Name ?? "another process";

    public async ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken)
    {
        if (journal is null)
        {
            return new JournalContents([], []);
        }

        var contents = await journal.OpenAsync(cancellationToken).ConfigureAwait(false);
        NoteWorks();
        return contents;
    }

    /// <summary>The holds alone, also while the journal cannot be written.</summary>
    public ValueTask<IReadOnlyList<JournalHold>> ReadHoldsAsync(CancellationToken cancellationToken) =>
        journal?.ReadHoldsAsync(cancellationToken) ?? ValueTask.FromResult<IReadOnlyList<JournalHold>>([]);

    /// <summary>Writes an attempt ahead of its leaving. Null where it may leave; else the entry that blocks it.</summary>
    /// <exception cref="JournalException">The attempt could not be written, and must not leave.</exception>
    public async ValueTask<JournalEntry?> RecordAsync(Claim claim, JournalAttempt attempt, CancellationToken cancellationToken)
    {
        if (journal is null || IsNameless(claim))
        {
            return null;
        }

        await CatchUpAsync(claim, cancellationToken).ConfigureAwait(false);

        // Known here before the journal knows: if the wait is cancelled it may be written all the same.
        claim.EntryId ??= random.NextId();
        claim.Attempts.Promise(attempt);
        var standing = await journal.RecordAsync(ToEntry(claim), cancellationToken).ConfigureAwait(false);
        NoteWorks();
        claim.IsInJournal |= standing is null;
        claim.IsNewToJournal |= standing is null;
        return standing;
    }

    /// <summary>The entry that blocks a claim of which nothing has left; null where none does.</summary>
    /// <exception cref="JournalException">The journal cannot be read.</exception>
    public async ValueTask<JournalEntry?> FindAsync(Claim claim, CancellationToken cancellationToken)
    {
        if (journal is null || IsNameless(claim))
        {
            return null;
        }

        await CatchUpAsync(claim, cancellationToken).ConfigureAwait(false);
        return await journal.FindAsync(ToEntry(claim), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// What another process has written since about an order that this one searches for: its verdict, that of an equal order sent after it did nothing, or that a cancel
    /// is kept for it. Null where it has written nothing of these, or the journal does not answer.
    /// </summary>
    public async ValueTask<JournalEntry?> FindNewsAsync(Claim claim, CancellationToken cancellationToken)
    {
        if (journal is null || shared is not null || claim is not { IsInJournal: true, EntryId: { } id })
        {
            return null;
        }

        var asked = ToEntry(claim);
        var own = await TryFindAsync(asked, cancellationToken).ConfigureAwait(false);
        var verdict = IsOwn(own) && own!.State is JournalState.Executed or JournalState.NotExecuted ? own : null;
        if (verdict is { State: JournalState.Executed })
        {
            return verdict;
        }

        var newest = await TryFindAsync(asked with { Id = "", Run = "", Supersedes = null, Superseded = [] }, cancellationToken).ConfigureAwait(false);
        if (verdict is null)
        {
            if (IsOwn(newest) && IsAnotherRuns(newest!))
            {
                claim.Attempts.Learn(newest!.Attempts);
            }

            return IsOwn(newest) && newest!.CancelWanted ? newest : null;
        }

        var isSentAgain = newest is { State: JournalState.Executed } && string.Equals(newest.Fingerprint, asked.Fingerprint, StringComparison.Ordinal);
        return isSentAgain ? newest : verdict;

        bool IsOwn(JournalEntry? entry) => string.Equals(entry?.Id, id, StringComparison.Ordinal);
    }

    /// <summary>The newest order under the id that a cancel names; null where there is none, or the journal cannot be read.</summary>
    public async ValueTask<JournalEntry?> FindPlaceAsync(Claim cancel, CancellationToken cancellationToken) =>
        journal is null || cancel.Operation.ClientOrderId is not { } id ? null : await FindPlaceAsync(ToEntry(cancel), id, cancellationToken).ConfigureAwait(false);

    /// <summary>Whether the order that an amendment names was placed after an earlier run's verdict on an equal amendment, which was then another order's. False where the journal cannot be read.</summary>
    public async ValueTask<bool> WasPlacedSinceAsync(Claim amendment, JournalEntry verdict, CancellationToken cancellationToken) =>
        await FindPlacedAsync(amendment, cancellationToken).ConfigureAwait(false) is { } place && JournalRules.PlacedBeforeMs(place) > verdict.SettledAtMs && verdict.SettledAtMs > 0;

    /// <summary>
    /// Whether an order that was seen is the one that an earlier run placed under the same name after it had believed this one absent. False where the journal does not answer.
    /// </summary>
    public async ValueTask<bool> IsSentAgainAsync(Claim absent, OrderEvidence seen, CancellationToken cancellationToken) =>
        absent is { Run: { } run, Key.Kind: OperationKind.Place } && !string.Equals(run, Run, StringComparison.Ordinal)
            && seen.OrderId is { } order
            && string.Equals(JournalRules.ExecutedOrderOf(await FindPlacedAsync(absent, cancellationToken).ConfigureAwait(false))?.OrderId, order, StringComparison.Ordinal);

    private async ValueTask<JournalEntry?> FindPlacedAsync(Claim named, CancellationToken cancellationToken) =>
        await FindPlaceAsync(ToEntry(named), named.Key.Id, cancellationToken).ConfigureAwait(false) is { State: JournalState.Executed } placed ? placed : null;

    // Whichever run has placed it: an entry of this process's own would not block it.
    private ValueTask<JournalEntry?> FindPlaceAsync(JournalEntry named, string id, CancellationToken cancellationToken) =>
        TryFindAsync(named with { Id = "", Run = "", Key = named.Key with { Kind = OperationKind.Place, Id = id } }, cancellationToken);

    private async ValueTask<JournalEntry?> TryFindAsync(JournalEntry asked, CancellationToken cancellationToken)
    {
        try
        {
            return await journal!.FindAsync(asked, cancellationToken).AsTask().WaitAsync(LongestLook, time, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is JournalException or TimeoutException)
        {
            return null;
        }
    }

    private async ValueTask CatchUpAsync(Claim next, CancellationToken cancellationToken)
    {
        foreach (var earlier in _unwritten.Of(next.Key))
        {
            await journal!.SettleAsync(ToEntry(earlier), cancellationToken).ConfigureAwait(false);
            _unwritten.Forget(earlier);
        }
    }

    private void NoteWorks()
    {
        foreach (var claim in _unwritten.Waiting)
        {
            _ = SettleAsync(claim);
        }

        if (Volatile.Read(ref _isTold) != 0 && Interlocked.Exchange(ref _isTold, 0) != 0)
        {
            Log.JournalBack(logger);
        }
    }

    /// <summary>The order has become in doubt, or more is known of it while it is.</summary>
    public void Doubted(Claim claim) => _ = WriteDoubtAsync(claim);

    /// <summary>As above, and waits for it to be written, for a moment at most.</summary>
    public async Task DoubtedAsync(Claim claim)
    {
        try
        {
            await WriteDoubtAsync(claim).WaitAsync(LongestLook, time).ConfigureAwait(false);
        }
        catch (TimeoutException late)
        {
            claim.IsBehind = true;
            Log.JournalBehind(logger, claim.Key.Id, claim.Key.Symbol, claim.Origin.ClientName, late);
        }
    }

    private Task WriteDoubtAsync(Claim claim) =>
        // What nothing has left of yet is written down with its first attempt: an entry without one could never be settled.
        journal is null || IsNameless(claim) || claim.IsHeldElsewhere || claim.Attempts.Written.Count == 0 ? Task.CompletedTask

        // Another process may have written more of it than is known here, which must stay.
        : claim is { Attempts.AreWrittenAhead: true, EntryId: not null } ? SettleAsync(claim)
        : claim.Attempts.AreWrittenAhead ? Task.CompletedTask
        : WriteNewAsync(journal, claim);

    /// <summary>What was believed absent took effect. A verdict is final, so the truth is a separate entry, which a later run meets first.</summary>
    public void Corrected(Claim found)
    {
        if (journal is not null)
        {
            _ = WriteNewAsync(journal, found);
        }
    }

    /// <summary>The claim has a verdict, which the application has or may still fetch.</summary>
    public void Ended(Claim claim)
    {
        if (claim is { EntryId: not null, Outcome: not null } && (claim.Delivery.IsComplete || !claim.IsHeldElsewhere))
        {
            _ = SettleAsync(claim);
        }
    }

    /// <summary>An absence was looked up again, or the search has ended without a verdict.</summary>
    public void Noted(Claim claim)
    {
        if (claim is { EntryId: not null, IsHeldElsewhere: false })
        {
            _ = SettleAsync(claim);
        }
    }

    public void Held(JournalHold hold)
    {
        // Overload passes in fractions of a second, and says nothing of the others' addresses and accounts.
        var concernsOthers = hold.Lane != TrafficLane.Host;
        if (journal is not null && (concernsOthers || shared is null))
        {
            _ = WriteHoldAsync(journal, hold);
        }
    }

    // A later run could look it up by nothing that the exchange knows, and would take it for absent.
    private static bool IsNameless(Claim claim) => claim.Operation.Seal is not null;

    private Task WriteNewAsync(IOrderJournal kept, Claim claim)
    {
        claim.EntryId ??= random.NextId();
        return WriteAsync(claim, async entry => await kept.RecordAsync(entry, CancellationToken.None).ConfigureAwait(false) is null);
    }

    private Task SettleAsync(Claim claim) => journal is null ? Task.CompletedTask : WriteAsync(claim, entry => journal.SettleAsync(entry, CancellationToken.None));

    // Nothing waits for this. What is not written stays in doubt in the journal, and the next run looks it up once more.
    private async Task WriteAsync(Claim claim, Func<JournalEntry, ValueTask<bool>> write)
    {
        try
        {
            claim.IsBehind = false;
            if (!await write(ToEntry(claim)).ConfigureAwait(false) && claim is { IsInJournal: true, IsHeldElsewhere: false })
            {
                Log.JournalDisagrees(logger, claim.Key.Id);
            }

            _unwritten.Forget(claim);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            claim.IsBehind = true;
            _unwritten.Note(claim);
            Log.JournalBehind(logger, claim.Key.Id, claim.Key.Symbol, claim.Origin.ClientName, error);
        }
    }

    // A run that starts without it would send into a ban.
    private async Task WriteHoldAsync(IOrderJournal kept, JournalHold hold)
    {
        for (var pause = FirstPause; ; pause = TimeSpan.Min(pause * 2, LongestPause))
        {
            try
            {
                await kept.HoldAsync(hold, CancellationToken.None).ConfigureAwait(false);
                return;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                if (pause == FirstPause)
                {
                    Log.HoldNotKept(logger, hold.Lane, hold.Environment, hold.Scope, error);
                }
            }

            await Task.Delay(pause, time, CancellationToken.None).ConfigureAwait(false);
            if (time.GetUtcNow() >= hold.Until)
            {
                return;
            }
        }
    }

    private JournalEntry ToEntry(Claim claim)
    {
        var operation = claim.Operation;
        var verdict = claim.Outcome;
        var account = claim.Origin.Account;
        return new JournalEntry
        {
            Id = claim.EntryId ?? "",
            Run = claim.Run ?? Run,
            Key = new JournalKey(claim.Origin.Environment, account.Label, claim.Key.Symbol, claim.Key.Kind, claim.Key.Id),
            KeyHash = account.KeyHash,
            AccountCode = account.Code,
            AccountName = account.Name,
            IsForeignKey = account is { KeyHash: not null, IsOwnKey: false },
            AccountBook = account.Book,
            ClientName = claim.Origin.ClientName,
            Host = claim.Origin.Host,
            Venue = claim.Origin.Venue.Name,
            Method = operation.Endpoint.Method.Method,
            Path = operation.Endpoint.Path,
            ClientOrderId = operation.ClientOrderId,
            OrderId = operation.OrderId,
            IdIsGenerated = operation.IdIsGenerated,
            Fingerprint = operation.Fingerprint,
            Side = operation.Terms.Side,
            Type = operation.Terms.Type,
            Quantity = operation.Terms.Quantity,
            Price = operation.Terms.Price,
            CreatedAt = claim.Since,
            Attempts = claim.Attempts.Written,
            IdIsTaken = claim.IdIsTaken,
            OlderOrders = claim.OlderOrders is { Count: > 0 } older ? [.. older] : null,
            AmendedBeforeMs = claim.AmendedBeforeMs,
            AmendedOrder = claim.AmendedOrder,
            CancelWanted = claim.CancelWanted || claim is { DidNothing: true, Cancel: not null, RechecksLeft: > 0 },
            Supersedes = claim.Superseded.Count == 0 ? null : claim.Superseded[^1],
            Superseded = claim.Superseded,
            State = StateOf(claim, verdict),
            Evidence = verdict?.Evidence ?? (claim.Search == InDoubtState.Searching ? null : claim.Search.ToString()),
            Trail = claim.Trail.Read(),
            SettledAt = verdict is null ? null : claim.SettledAt ?? time.GetUtcNow(),
            AbsentAtMs = claim.AbsentAtMs,
            SettledAtMs = claim.SettledAtMs,
            Heard = claim.Delivery.IsComplete,
            RechecksLeft = claim.RechecksLeft,
            ReplyStatus = (int)(verdict?.Reply?.Status ?? 0),
            Reply = Kept(verdict),
            ReplyMediaType = verdict?.Reply?.MediaType,
        };
    }

    // Nothing but the verdict is ever read of a refusal; a reply may repeat what the request bore.
    private static ReadOnlyMemory<byte>? Kept(Verdict? verdict)
    {
        var longest = verdict?.Execution == ExecutionStatus.Executed ? JournalEntry.MaxReplyBytes : LongestRefusal;
        if (verdict?.Reply?.Body is not { } body || body.Length > longest)
        {
            return null;
        }

        return MessageRedactor.WithoutSecrets(body);
    }

    private static JournalState StateOf(Claim claim, Verdict? verdict) => verdict?.Execution switch
    {
        ExecutionStatus.Executed => JournalState.Executed,
        ExecutionStatus.NotExecuted => JournalState.NotExecuted,
        _ => claim.Search is InDoubtState.CredentialsRefused or InDoubtState.RetentionPassed ? JournalState.Unresolved : JournalState.Open,
    };
}
