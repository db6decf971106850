using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>
/// Looks for the truth about claims in doubt. One search per doubt, whether a call waits for it or not: it starts inside the call that met the
/// unknown and goes on after that call has left.
/// </summary>
internal sealed class Reconciler(
    ClaimTable claims, ClaimJournal journal, AccountCodes accounts, IExchangeChannel channel, ExchangeClocks clocks, TimeProvider time, InDoubtNews news, ILogger<Reconciler> logger)
    : IDisposable
{
    // Once nobody can expect an answer soon, asking more often than this only spends weight.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestUsefulHurry = TimeSpan.FromMinutes(1);

    // A key may be refused for a moment (an address not yet allowed, a change at the exchange); refused this often for this long, it is gone.
    private static readonly TimeSpan PatienceWithRefusals = TimeSpan.FromMinutes(10);

    private readonly ExchangeQuestions _ask = new(channel);
    private readonly VerdictFollowUp _followUp = new(new ExchangeQuestions(channel), claims, journal, time, news, logger);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The questions this service asks, for others who need an answer at once.</summary>
    public ExchangeQuestions Questions => _ask;

    /// <summary>Begins the search for a claim that has just become in doubt.</summary>
    public void Search(Claim claim, ReconciliationOptions options)
    {
        Log.InDoubt(logger, claim.Operation, claim.Key.Id, claim.LastError?.Name ?? "");
        claim.Search = claim.Origin.CanAsk ? InDoubtState.Searching : InDoubtState.NobodyToAsk;
        if (claim.Origin.CanAsk)
        {
            _ = SearchAsync(claim, options, _stop.Token);
        }
        else
        {
            Log.Unresolved(logger, claim.Operation, claim.Key.Id, claim.Search.ToString());
        }
    }

    /// <summary>A client has been found whose key is of the claim's account: from now on it asks, and applies a kept cancel.</summary>
    public void AskThrough(Claim claim, ClaimOrigin origin, ReconciliationOptions options)
    {
        if (claim.Origin.CanAsk || !origin.CanAsk)
        {
            return;
        }

        claim.Origin = claim.Origin with { ClientName = origin.ClientName, Host = origin.Host, CanAsk = true };
        if (claim is { NeedsEvidence: true, Search: InDoubtState.NobodyToAsk })
        {
            Search(claim, options);
        }

        ApplyKeptCancel(claim);
    }

    /// <summary>
    /// Does what an earlier run left undone about a verdict: a cancel kept for an order that is there is applied, and an absence is asked about again at the times that are left.
    /// </summary>
    public void FollowUpRestored(Claim claim, JournalEntry entry, ReconciliationOptions options)
    {
        if (!claim.Origin.CanAsk)
        {
            return;
        }

        ApplyKeptCancel(claim);
        var windows = JournalRules.WindowsOf(entry, options.SettleMargin);
        var settledAgo = time.GetUtcNow() - (entry.SettledAt ?? entry.CreatedAt);
        var due = windows.Count == 0 ? [] : options.Rechecks.TakeLast(entry.RechecksLeft).ToList();
        claim.RechecksLeft = due.Count;
        claims.FollowedUp(claim);
        foreach (var delay in due)
        {
            _ = _followUp.RecheckAsync(claim, windows, delay > settledAgo ? delay - settledAgo : TimeSpan.Zero, _stop.Token);
        }
    }

    /// <summary>Another process holds the order and searches for it; its verdict will be told to this one.</summary>
    /// <param name="claim">The order's claim here.</param>
    /// <param name="holder">What people call that process.</param>
    public void LeaveToHolder(Claim claim, string holder)
    {
        claim.Search = InDoubtState.HeldElsewhere;
        claim.Trail.Add(time.GetUtcNow(), $"{holder} holds the order and asks the exchange");
        Log.InDoubt(logger, claim.Operation, claim.Key.Id, claim.LastError?.Name ?? "");
    }

    /// <summary>The process that holds the order has found its truth, and does what remains to be done about it, but for a cancel that was kept here.</summary>
    public void ConcludeElsewhere(Claim claim, Verdict verdict)
    {
        if (claims.TrySettle(claim, verdict, atMs: NowMsOf(claim)))
        {
            Log.Settled(logger, claim.Operation, claim.Key.Id, verdict.Execution, verdict.Evidence);
            news.RaiseSettled(claim, verdict, time.GetElapsedTime(claim.DoubtedAt));
            ApplyKeptCancel(claim);
        }
    }

    /// <summary>An operator's word. False where evidence was first, or another process holds the order.</summary>
    public bool SettleByWord(Claim claim, ExecutionStatus execution, string word)
    {
        if (claim.IsHeldElsewhere)
        {
            return false;
        }

        var verdict = execution == ExecutionStatus.Executed
            ? new Verdict(execution, ReplySnapshot.OfOrder(claim.Key.Symbol, claim.Operation.ClientOrderId, claim.Operation.OrderId), null, word)
            : claim.ProvenAbsent(word);
        return Conclude(claim, verdict, []);
    }

    /// <summary>What the user data stream told of an order: evidence like ours, by the same rules, whenever it comes.</summary>
    /// <param name="mayTellOf">Whether the stream belongs to the account and environment of a claim.</param>
    /// <param name="told">The event.</param>
    /// <param name="options">How unknown outcomes are settled.</param>
    public bool OfferEvent(Func<Claim, bool> mayTellOf, UserDataEvent told, ReconciliationOptions options) =>
        claims.OpenToEvidence.Where(claim => mayTellOf(claim) && EvidenceRules.TellsOf(claim, told)).Take(2).ToList() is [var found]
        && Take(found, told.Order, "the user data stream told of the order", options);

    /// <summary>Orders that the application's own query has shown: evidence like ours.</summary>
    public void Offer(AccountIdentity account, ReadOnlyMemory<byte> reply, ReconciliationOptions options)
    {
        var shown = OrderEvidence.Read(reply) is { } single ? [single] : OrderEvidence.ReadAll(reply) ?? [];
        foreach (var claim in claims.OpenToEvidence.Where(claim => claim.Origin.Account.Compare(account) == SameAccount.Yes))
        {
            if (shown.FirstOrDefault(order => EvidenceRules.Names(claim.Operation, order) && Shows(claim, order)) is { } order)
            {
                Take(claim, order, "the application's own query showed the order", options);
            }
        }
    }

    private static bool Shows(Claim claim, OrderEvidence order) => claim.Key.Kind == OperationKind.Amend
        ? EvidenceRules.JudgeAmend(claim, order, []) == Finding.Ours
        : EvidenceRules.JudgePlace(claim, order) == Finding.Ours;

    /// <summary>An order that was shown. After a verdict of absence it is the alarm.</summary>
    private bool Take(Claim claim, OrderEvidence order, string evidence, ReconciliationOptions options)
    {
        if (!claim.DidNothing)
        {
            return Conclude(claim, Executed(order, evidence), options);
        }

        _ = _followUp.ContradictAsync(claim, order, _stop.Token);
        return false;
    }

    /// <summary>
    /// Whether the exchange answers that it does not show what an earlier attempt asked for: the last look before another leaves on no more than the exchange's sentence that the
    /// earlier one failed. False where it shows it, and where it does not answer.
    /// </summary>
    public async Task<bool> IsNotThereAsync(Claim claim, CancellationToken cancellationToken) =>
        claim.Origin.CanAsk && (await TryAskAsync(claim, proof: null, cancellationToken).ConfigureAwait(false)).Look.Sight is Sight.Absent or Sight.OnlyNamesake;

    /// <summary>
    /// A cancel that cannot wait any longer for the order it names: it is applied as soon as the order is known to stand. False where it is not kept: there is nothing to cancel,
    /// or no client of the program has the order's key.
    /// </summary>
    public bool KeepCancel(Claim claim, long number)
    {
        if (!claim.Origin.CanAsk || !claim.KeepCancel(number))
        {
            return false;
        }

        Log.CancelKept(logger, claim.Operation, claim.Key.Id);
        journal.Doubted(claim);
        ApplyKeptCancel(claim);
        return true;
    }

    /// <summary>Applies a kept cancel, if there is one, to an order that is there.</summary>
    public void ApplyKeptCancel(Claim claim)
    {
        if (claim is { Cancel: { IsOpen: true } cancel, Origin.CanAsk: true, Outcome.Execution: ExecutionStatus.Executed } && cancel.TryTake())
        {
            _ = _followUp.CancelAsync(claim, cancel, _stop.Token);
        }
    }

    // Not disposed: a search may still begin while the program ends, and must find a token that says so.
    public void Dispose() => _stop.Cancel();

    private static Verdict Executed(OrderEvidence order, string evidence) =>
        new(ExecutionStatus.Executed, new ReplySnapshot(System.Net.HttpStatusCode.OK, order.Raw, "application/json"), null, evidence);

    private async Task SearchAsync(Claim claim, ReconciliationOptions options, CancellationToken stop)
    {
        var proof = EvidenceRules.DeadlineMs(claim) is { } deadline ? new AbsenceProof(deadline, options, () => RipensIn(claim, options)) : null;
        var pause = options.FirstPause;
        var began = time.GetTimestamp();
        long? refusedSince = null;
        try
        {
            while (claim.NeedsEvidence)
            {
                var (askedAt, look) = await TryAskAsync(claim, proof, stop).ConfigureAwait(false);
                if ((look.Verdict ?? (look.Sight == Sight.Absent ? CountAbsence(claim, proof, askedAt) : null)) is { } verdict)
                {
                    Conclude(claim, verdict, options);
                    return;
                }

                _ = LearnAccountAsync(claim);
                if (claim.IsBehind)
                {
                    journal.Doubted(claim);
                }

                refusedSince = look.Sight == Sight.Refused ? refusedSince ?? time.GetTimestamp() : null;
                if (refusedSince is { } since && time.GetElapsedTime(since) >= PatienceWithRefusals)
                {
                    GiveUp(claim, InDoubtState.CredentialsRefused);
                    return;
                }

                if (clocks.Of(claim.Origin.Environment) is { IsSynchronised: true } clock && EvidenceRules.IsForgotten(claim, clock.NowMs))
                {
                    GiveUp(claim, InDoubtState.RetentionPassed);
                    return;
                }

                await Task.Delay(proof?.Pause(NowMs(claim), pause) ?? pause, time, stop).ConfigureAwait(false);
                var longest = time.GetElapsedTime(began) > LongestUsefulHurry ? LongestPause : options.MaxPause;
                pause = pause * 2 < longest ? pause * 2 : longest;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process ends; what is in doubt stays so.
        }
    }

    // What an earlier run sent left before this run can tell.
    private TimeSpan RipensIn(Claim claim, ReconciliationOptions options) =>
        claim.Number == 0 || claim.Windows is not { Count: > 0 } windows ? TimeSpan.Zero
        : time.Left(time.GetTimestamp(), time.After(claim.SentAt, TimeSpan.FromMilliseconds(windows.Max(static window => window.RecvWindowMs)) + options.SettleMargin));

    /// <summary>Writes the account's code into the journal as soon as the exchange has told it: a later run may have another key.</summary>
    private async Task LearnAccountAsync(Claim claim)
    {
        if (journal.IsDurable && claim.Origin.Account is { Name: null, Code: null } && await accounts.LearnAsync(claim.Origin, LongestPause, CancellationToken.None).ConfigureAwait(false))
        {
            journal.Doubted(claim);
        }
    }

    private void GiveUp(Claim claim, InDoubtState state)
    {
        claim.Search = state;
        claim.Trail.Add(time.GetUtcNow(), $"the search ends: {state}");
        Log.Unresolved(logger, claim.Operation, claim.Key.Id, state.ToString());
        journal.Noted(claim);
    }

    // Whatever goes wrong with one question, the search goes on: as long as the order is in doubt somebody must look for it.
    private async Task<(long AskedAt, Look Look)> TryAskAsync(Claim claim, AbsenceProof? proof, CancellationToken stop)
    {
        try
        {
            // The exchange's time is asked before the order, so that an answer of absence is at least as late as that time. Before our own clock
            // thinks the windows closed, no answer of absence can count and the question would be wasted.
            var askedAt = proof?.MayCount(NowMs(claim)) == true ? await _ask.TimeAsync(claim.Origin, stop).ConfigureAwait(false) : null;
            return (askedAt ?? 0, await LookAsync(claim, stop).ConfigureAwait(false));
        }
        catch (Exception error) when (error is not OutOfMemoryException && !stop.IsCancellationRequested)
        {
            Log.QuestionFailed(logger, claim.Key.Id, error);
            return default;
        }
    }

    private async Task<Look> LookAsync(Claim claim, CancellationToken stop)
    {
        var answer = await _ask.OrderAsync(claim.Origin, claim.Operation, stop).ConfigureAwait(false);
        if (answer.Error is null)
        {
            // An answer about another order, out of a cache perhaps, shows neither that ours is there nor that it is not.
            return OrderEvidence.Read(answer.Body) is { } order && EvidenceRules.IsAbout(claim.Operation, order)
                ? await (claim.Key.Kind == OperationKind.Amend ? LookIntoAmendmentsAsync(claim, order, stop) : LookIntoPlaceAsync(claim, order, stop)).ConfigureAwait(false)
                : default;
        }

        claim.Trail.Add(time.GetUtcNow(), $"asked for the order: {answer.Error}");
        if (ExchangeQuestions.SaysAbsent(answer))
        {
            return new Look(Sight.Absent);
        }

        Log.NoEvidence(logger, claim.Key.Id, answer.Error.ToString());
        return new Look(answer.Error.Category == ErrorCategory.Authentication ? Sight.Refused : Sight.None);
    }

    private long NowMsOf(Claim claim) => clocks.Of(claim.Origin.Environment) is { IsSynchronised: true } clock ? clock.NowMs : 0;

    private long NowMs(Claim claim) => clocks.Of(claim.Origin.Environment).NowMs;

    private async Task<Look> LookIntoAmendmentsAsync(Claim claim, OrderEvidence order, CancellationToken stop)
    {
        if (claim.AmendedOrder is { } amended && order.OrderId is not null && !string.Equals(amended, order.OrderId, StringComparison.Ordinal))
        {
            // An order of the same id hides the one that it amends: that may still show the amendment, but never its absence.
            claim.Trail.Add(time.GetUtcNow(), "an order of that id is another than the one it amends");
            var answer = await _ask.OrderAsync(claim.Origin, claim.Operation.Naming(amended), stop).ConfigureAwait(false);
            return answer.Error is null && OrderEvidence.Read(answer.Body) is { } own && EvidenceRules.JudgeAmend(claim, own, []) == Finding.Ours
                ? new Look(Executed(own, "the order shows the amendment"))
                : new Look(Sight.OnlyNamesake);
        }

        return await AmendmentsAsync(claim, stop).ConfigureAwait(false) is not { } history ? default
            : EvidenceRules.JudgeAmend(claim, order, history) == Finding.Ours ? new Look(Executed(order, "the order shows the amendment"))
            : claim is { AmendedOrder: null, Operation.OrderId: null, OvertakenBy.By.Key.Kind: OperationKind.Place } ? new Look(Sight.OnlyNamesake)
            : new Look(Sight.Absent);
    }

    private async Task<Look> LookIntoPlaceAsync(Claim claim, OrderEvidence order, CancellationToken stop)
    {
        if (EvidenceRules.JudgePlace(claim, order) == Finding.Ours)
        {
            return new Look(Executed(order, "the order was found by its client order id"));
        }

        // Found late, after a restart for instance, it may have been amended by then.
        if (EvidenceRules.MayHaveBeenAmended(claim, order)
            && await AmendmentsAsync(claim, stop).ConfigureAwait(false) is { } amendments
            && EvidenceRules.BeganAsClaimed(claim, order, amendments))
        {
            return new Look(Executed(order, "the order was found by its client order id, amended since"));
        }

        claim.Trail.Add(time.GetUtcNow(), $"an order of that id is {order.Status}, and not this one");

        // A namesake hides whatever else bears the id; the history from the first stamp on may still show ours, but never its absence.
        if (claim.Traces is not { Count: > 0 } windows)
        {
            return default;
        }

        var all = await _ask.AllOrdersSinceAsync(claim.Origin, claim.Operation, windows.Min(window => window.OpensMs), stop).ConfigureAwait(false);
        if (all.Error is not null || OrderEvidence.ReadAll(all.Body) is not { } orders)
        {
            return default;
        }

        var ours = orders.FirstOrDefault(candidate =>
            string.Equals(candidate.ClientOrderId, claim.Operation.ClientOrderId, StringComparison.Ordinal)
            && EvidenceRules.JudgePlace(claim, candidate) == Finding.Ours);
        return ours is not null ? new Look(Executed(ours, "the order was found in the order history, beside an older namesake"))
            : EvidenceRules.HoldsId(claim, order) ? new Look(claim.ProvenAbsent("an older order of the same id was open before the first attempt and is open still, and the exchange takes no second one"))
            : new Look(Sight.OnlyNamesake);
    }

    private async Task<IReadOnlyList<AmendmentEvidence>?> AmendmentsAsync(Claim claim, CancellationToken stop)
    {
        var answer = await _ask.AmendmentsAsync(claim.Origin, claim.Operation, stop).ConfigureAwait(false);
        return answer.Error is null ? AmendmentEvidence.ReadAll(answer.Body) : null;
    }

    private static Verdict? CountAbsence(Claim claim, AbsenceProof? proof, long nowMs)
    {
        if (proof is null || EvidenceRules.IsForgotten(claim, nowMs) || !proof.Add(nowMs))
        {
            return null;
        }

        claim.AbsentAtMs = nowMs;
        return claim.ProvenAbsent($"{proof.Answers} answers of absence after the exchange could no longer accept it");
    }

    private bool Conclude(Claim claim, Verdict verdict, ReconciliationOptions options) => Conclude(claim, verdict, options.Rechecks);

    private bool Conclude(Claim claim, Verdict verdict, IList<TimeSpan> rechecks)
    {
        var isAbsent = verdict.Execution == ExecutionStatus.NotExecuted;
        var hadCancel = claim.CancelWanted;
        var windows = claim.Windows ?? [];
        if (!claims.TrySettle(claim, verdict, isAbsent && windows.Count > 0 ? rechecks.Count : 0, NowMsOf(claim)))
        {
            return false;
        }

        Log.Settled(logger, claim.Operation, claim.Key.Id, verdict.Execution, verdict.Evidence);
        news.RaiseSettled(claim, verdict, time.GetElapsedTime(claim.DoubtedAt));
        if (isAbsent)
        {
            if (hadCancel)
            {
                _followUp.EndCancel(claim, KeptCancelFate.Needless);
            }

            foreach (var delay in rechecks)
            {
                _ = _followUp.RecheckAsync(claim, windows, delay, _stop.Token);
            }
        }
        else
        {
            ApplyKeptCancel(claim);
        }

        return true;
    }
}

/// <summary>What a look for an order showed, where that is no verdict.</summary>
internal enum Sight
{
    /// <summary>Nothing: there was no answer, or none that says anything.</summary>
    None,

    /// <summary>The exchange refused the key.</summary>
    Refused,

    /// <summary>There is no such order, or it does not show the amendment.</summary>
    Absent,

    /// <summary>Another order bears the id, and neither by it nor in the history was ours to be seen.</summary>
    OnlyNamesake,
}

/// <summary>One look for an order: the verdict, if it gave one.</summary>
internal readonly record struct Look(Verdict? Verdict, Sight Sight)
{
    public Look(Verdict verdict)
        : this(verdict, Sight.None)
    {
    }

    public Look(Sight sight)
        : this(null, sight)
    {
    }
}
