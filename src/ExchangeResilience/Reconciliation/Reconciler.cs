using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>
/// Looks for the truth about claims in doubt. One search per doubt, whether a call waits for it or not: it starts inside the call that met the
/// unknown and goes on after that call has left.
/// </summary>
internal sealed class Reconciler(
    ClaimTable claims, ClaimJournal journal, AccountCodes accounts, IInternalRequestSender channel, ExchangeClocks clocks, TimeProvider time, InDoubtEvents news, ILogger<Reconciler> logger)
    : IDisposable
{
    // Once no answer can be expected soon, asking more often than this only spends weight.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestUsefulHurry = TimeSpan.FromMinutes(1);

    // A key may be refused for a moment (an address not yet allowed, a change at the exchange); refused this often for this long, it is gone.
    private static readonly TimeSpan PatienceWithRefusals = TimeSpan.FromMinutes(10);

    private readonly OrderLookup _looks = new(new ExchangeQueries(channel, accounts), clocks, time, logger);
    private readonly VerdictFollowUp _followUp = new(new ExchangeQueries(channel, accounts), claims, journal, time, news, logger);
    private readonly EarlyVerdicts _early = new();
    private readonly CancellationTokenSource _stop = new();

    /// <summary>The look-ups of this service, for callers that need an answer at once.</summary>
    public ExchangeQueries Queries { get; } = new(channel, accounts);

    /// <summary>Begins the search for a claim that has just become in doubt.</summary>
    public void Search(Claim claim, ReconciliationOptions options)
    {
        Log.InDoubt(logger, claim.Operation, claim.Key.Id, claim.Key.Symbol, claim.Origin.ClientName, claim.LastError?.Name ?? "");
        claim.Search = claim.Origin.CanAsk ? InDoubtState.Searching : InDoubtState.NobodyToAsk;
        if (claim.Origin.CanAsk)
        {
            _ = SearchAsync(claim, options, _stop.Token);
        }
        else
        {
            Log.Unresolved(logger, claim.Operation, claim.Key.Id, claim.Key.Symbol, claim.Origin.ClientName, claim.Search.ToString());
        }
    }

    /// <summary>A client has been found whose key is of the claim's account: from now on it looks the claim up, and applies a kept cancel.</summary>
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

    /// <summary>A client has another key: searches that ended because the earlier one was refused begin again.</summary>
    public void SearchAgain(string clientName, ReconciliationOptions options)
    {
        foreach (var claim in claims.OpenToEvidence.Where(claim => claim is { NeedsEvidence: true, Search: InDoubtState.CredentialsRefused } && string.Equals(claim.Origin.ClientName, clientName, StringComparison.Ordinal)).ToList())
        {
            Search(claim, options);
        }
    }

    /// <summary>
    /// Does what an earlier run left undone about a verdict: a cancel kept for an order that is there is applied, and an absence is looked up again at the times that are left.
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

    /// <summary>Another process holds the order and searches for it; this one will get its verdict.</summary>
    public void LeaveToHolder(Claim claim, string holder)
    {
        claim.Search = InDoubtState.HeldElsewhere;
        claim.Trail.Add(time.GetUtcNow(), $"{holder} holds the order and asks the exchange");
        Log.InDoubt(logger, claim.Operation, claim.Key.Id, claim.Key.Symbol, claim.Origin.ClientName, claim.LastError?.Name ?? "");
        TakeEarly(claim);
    }

    /// <summary>The process that holds an order has found its truth. The call that met the order here may not have got so far.</summary>
    public void ConcludeElsewhere(JournalEntry entry, Func<JournalEntry, Claim?> claimOf)
    {
        _early.Keep(entry);
        if (claimOf(entry) is { NeedsEvidence: true } claim)
        {
            TakeEarly(claim);
        }
    }

    private void TakeEarly(Claim claim)
    {
        if (claim.EntryId is { } id && _early.Take(id) is { } told)
        {
            ConcludeElsewhere(claim, JournalRules.VerdictOf(told));
        }
    }

    /// <summary>The process that holds the order has found its truth, and does what remains to be done about it, but for a cancel that was kept here.</summary>
    private void ConcludeElsewhere(Claim claim, Verdict verdict)
    {
        if (claims.TrySettle(claim, verdict, atMs: NowMsOf(claim)))
        {
            Log.Settled(logger, claim.Operation, claim.Key.Id, claim.Key.Symbol, claim.Origin.ClientName, verdict.Execution, verdict.Evidence);
            news.RaiseSettled(claim, verdict, time.GetElapsedTime(claim.DoubtedAt));
            ApplyKeptCancel(claim);
        }
    }

    /// <summary>An operator's decision. False where evidence was first, or another process holds the order.</summary>
    public bool SettleByOperator(Claim claim, ExecutionStatus execution, string word, ReconciliationOptions options)
    {
        if (claim.IsHeldElsewhere)
        {
            return false;
        }

        var verdict = execution == ExecutionStatus.Executed
            ? new Verdict(execution, ReplySnapshot.OfOrder(claim.Key.Symbol, claim.Operation.ClientOrderId, claim.Operation.OrderId), null, word)
            : claim.ProvenAbsent(word);
        return Conclude(claim, verdict with { IsByOperator = true }, claim.Origin.CanAsk ? options.Rechecks : []);
    }

    /// <summary>What the user data stream shows of an order of its account and environment: evidence like ours, by the same rules, whenever it comes.</summary>
    public bool OfferEvent(Func<Claim, bool> mayBeAbout, UserDataEvent told, ReconciliationOptions options) =>
        claims.OpenToEvidence.Where(claim => EvidenceRules.IsAbout(claim, told) && mayBeAbout(claim)).Take(2).ToList() is [var found]
        && Take(found, told.Order, "the user data stream showed the order", options);

    /// <summary>Whether an event that may be about a claim may as well be about an order of another account: it does not say whose it is.</summary>
    public bool HasRival(Claim claim, UserDataEvent told) => claims.LatelyPerhapsExecuted.Any(other => other.Key.Kind == claim.Key.Kind
        && other.Origin.Account.Compare(claim.Origin.Account) != SameAccount.Yes
        && EvidenceRules.MayBeAbout(other, told.Order));

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
        if (order.IsRejected)
        {
            return false;
        }

        if (!claim.DidNothing)
        {
            return Conclude(claim, Verdict.OfOrder(order, evidence), options.Rechecks);
        }

        _ = _followUp.ContradictAsync(claim, order, _stop.Token);
        return false;
    }

    /// <summary>
    /// Whether the exchange answers that it does not show what an earlier attempt ordered: the last look-up before another leaves on no more than the exchange's sentence that the
    /// earlier one failed. False where it shows it, and where it does not answer.
    /// </summary>
    public async Task<bool> IsNotThereAsync(Claim claim, CancellationToken cancellationToken) =>
        claim.Origin.CanAsk && (await _looks.TryLookAloneAsync(claim, cancellationToken).ConfigureAwait(false)).Sight is Sight.Absent or Sight.OnlyNamesake;

    /// <summary>
    /// A cancel that cannot wait any longer for the order it names: it is applied as soon as the order is known to be open. False where it is not kept: there is nothing to cancel,
    /// or no client of the program has the order's key.
    /// </summary>
    public async Task<bool> KeepCancelAsync(Claim claim, long number)
    {
        if (!claim.Origin.CanAsk || !claim.KeepCancel(number))
        {
            return false;
        }

        Log.CancelKept(logger, claim.Operation, claim.Key.Id);
        ApplyKeptCancel(claim);

        // The caller's answer waits until the kept cancel would outlive the process, but for a second at most.
        await journal.DoubtedAsync(claim).ConfigureAwait(false);
        return true;
    }

    public void ApplyKeptCancel(Claim claim)
    {
        if (claim is { Cancel: { IsOpen: true } cancel, Origin.CanAsk: true, Outcome.Execution: ExecutionStatus.Executed } && cancel.TryTake())
        {
            _ = _followUp.CancelAsync(claim, cancel, _stop.Token);
        }
    }

    // Not disposed: a search may still begin while the program ends, and must find a token that says so.
    public void Dispose() => _stop.Cancel();

    private async Task SearchAsync(Claim claim, ReconciliationOptions options, CancellationToken stop)
    {
        var proof = ProofOf(claim, options);
        var pause = options.FirstPause;
        var began = time.GetTimestamp();
        long? refusedSince = null;
        using var search = _looks.Begin(claim);
        try
        {
            while (claim.NeedsEvidence)
            {
                var (askedAt, look) = await _looks.TryLookAsync(search, proof, stop).ConfigureAwait(false);
                if (look.Sight == Sight.NotListed && CountAbsence(claim, proof, askedAt) is not null)
                {
                    // Only an order's own look-up shows its absence, whatever a list omits.
                    look = await _looks.TryLookAloneAsync(claim, stop).ConfigureAwait(false);
                }

                // Asked after the look: what that showed may be a later order of the same name.
                if (await IsConcludedElsewhereAsync(claim, stop).ConfigureAwait(false))
                {
                    return;
                }

                proof = proof?.DeadlineMs == claim.DeadlineMs ? proof : ProofOf(claim, options);
                if ((look.Verdict ?? (look.Sight == Sight.Absent ? CountAbsence(claim, proof, askedAt) : null)) is { } verdict)
                {
                    Conclude(claim, verdict, options.Rechecks);
                    return;
                }

                _ = LearnAccountAsync(claim);
                if (claim.IsBehind)
                {
                    journal.Doubted(claim);
                }

                refusedSince = look.Sight == Sight.Refused ? refusedSince ?? time.GetTimestamp() : null;
                if (WhyNotAskOn(claim, refusedSince) is { } end)
                {
                    GiveUp(claim, end);
                    return;
                }

                var wait = TimeSpan.Max(look.AskedToWait, proof?.Pause(NowMs(claim), pause) ?? pause);
                claim.NextQuestionMs = (time.GetUtcNow() + wait).ToUnixTimeMilliseconds();
                await Task.Delay(wait, time, stop).ConfigureAwait(false);
                var longest = time.GetElapsedTime(began) > LongestUsefulHurry ? LongestPause : options.MaxPause;
                pause = TimeSpan.Min(pause * 2, longest);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process ends; what is in doubt stays so.
        }
    }

    /// <summary>Takes over what the journal says meanwhile: another process may have the verdict, or keep a cancel. True where it has the verdict.</summary>
    private async ValueTask<bool> IsConcludedElsewhereAsync(Claim claim, CancellationToken stop)
    {
        var written = await journal.FindNewsAsync(claim, stop).ConfigureAwait(false);
        if (written is { State: JournalState.Executed or JournalState.NotExecuted })
        {
            claim.ForgetCancelOf(written);
            ConcludeElsewhere(claim, JournalRules.VerdictOf(written));
            return true;
        }

        if (written is not null && !claim.CancelWanted)
        {
            claim.KeepCancel(0);
        }

        return false;
    }

    /// <summary>Why there is nothing more to learn from the exchange; null where there is.</summary>
    private InDoubtState? WhyNotAskOn(Claim claim, long? refusedSince) =>
        refusedSince is { } since && time.GetElapsedTime(since) >= PatienceWithRefusals ? InDoubtState.CredentialsRefused
        : clocks.Of(claim.Origin.Environment) is { IsSynchronised: true } clock && EvidenceRules.IsForgotten(claim, clock.NowMs) ? InDoubtState.RetentionPassed
        : null;

    private AbsenceProof? ProofOf(Claim claim, ReconciliationOptions options) => claim.DeadlineMs is { } deadline ? new AbsenceProof(deadline, options, () => RipensIn(claim, options)) : null;

    // What an earlier run sent left before this run's clock began.
    private TimeSpan RipensIn(Claim claim, ReconciliationOptions options) =>
        claim.Number == 0 || claim.Attempts.Windows is not { Count: > 0 } windows ? TimeSpan.Zero
        : time.Left(time.GetTimestamp(), time.After(claim.SentAt, TimeSpan.FromMilliseconds(windows.Max(static window => window.RecvWindowMs)) + options.SettleMargin));

    /// <summary>Learns the account's code while the key that sent the order is there to ask with: a later run, or the settings of an account that has a name, may have another key.</summary>
    private async Task LearnAccountAsync(Claim claim)
    {
        if (claim.Origin.Account is { Code: null, Name: var name } && (journal.IsDurable || name is not null) && await accounts.LearnAsync(claim.Origin, LongestPause, CancellationToken.None).ConfigureAwait(false))
        {
            journal.Doubted(claim);
        }
    }

    private void GiveUp(Claim claim, InDoubtState state)
    {
        claim.Search = state;
        claim.Trail.Add(time.GetUtcNow(), $"the search ends: {state}");
        Log.Unresolved(logger, claim.Operation, claim.Key.Id, claim.Key.Symbol, claim.Origin.ClientName, state.ToString());
        journal.Noted(claim);
    }

    private long NowMsOf(Claim claim) => clocks.Of(claim.Origin.Environment) is { IsSynchronised: true } clock ? clock.NowMs : 0;

    private long NowMs(Claim claim) => clocks.Of(claim.Origin.Environment).NowMs;

    private static Verdict? CountAbsence(Claim claim, AbsenceProof? proof, long nowMs)
    {
        if (proof is null || EvidenceRules.IsForgotten(claim, nowMs) || !proof.Add(nowMs))
        {
            return null;
        }

        claim.AbsentAtMs = nowMs;
        return claim.ProvenAbsent($"{proof.Answers} answers of absence after the exchange could no longer accept it");
    }

    private bool Conclude(Claim claim, Verdict verdict, IList<TimeSpan> rechecks)
    {
        var isAbsent = verdict.Execution == ExecutionStatus.NotExecuted;
        var hadCancel = claim.CancelWanted;
        var windows = claim.Attempts.Windows ?? [];
        if (!claims.TrySettle(claim, verdict, isAbsent && windows.Count > 0 ? rechecks.Count : 0, NowMsOf(claim)))
        {
            return false;
        }

        Log.Settled(logger, claim.Operation, claim.Key.Id, claim.Key.Symbol, claim.Origin.ClientName, verdict.Execution, verdict.Evidence);
        _ = news.RaiseSettledAsync(claim, verdict, time.GetElapsedTime(claim.DoubtedAt), _stop.Token);
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
