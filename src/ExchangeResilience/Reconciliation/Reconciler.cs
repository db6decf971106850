using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>
/// Looks for the truth about claims in doubt. One search per doubt, whether a call waits for it or not: it starts inside the call that met the
/// unknown and goes on after that call has left.
/// </summary>
internal sealed class Reconciler(
    ClaimTable claims, IExchangeChannel channel, ExchangeClocks clocks, TimeProvider time, InDoubtOrders events, ILogger<Reconciler> logger)
    : IDisposable
{
    // Once nobody can expect an answer soon, asking more often than this only spends weight.
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly ExchangeQuestions _ask = new(channel);
    private readonly CancellationTokenSource _stop = new();

    /// <summary>Begins the search for a claim that has just become in doubt.</summary>
    public void Search(Claim claim, ReconciliationOptions options)
    {
        Log.InDoubt(logger, claim.Operation, claim.Key.Id, claim.LastError?.Name ?? "");
        if (!claim.Origin.CanAsk)
        {
            return;
        }

        _ = SearchAsync(claim, options, _stop.Token);
    }

    /// <summary>An order that arrived by another road, such as the application's own query.</summary>
    public async Task OfferAsync(Claim claim, OrderEvidence order, ReconciliationOptions options)
    {
        if (claim.Key.Kind == OperationKind.Place && EvidenceRules.JudgePlace(claim, order) == Finding.Ours)
        {
            await ConcludeAsync(claim, Executed(order, "the application's own query showed the order"), options, _stop.Token).ConfigureAwait(false);
        }
    }

    /// <summary>One look at the order, for errors that are documented as failures: null where it is not there, or the answer says nothing.</summary>
    public async Task<(Verdict? Executed, bool Absent)> LookOnceAsync(Claim claim, CancellationToken cancellationToken)
    {
        var answer = await _ask.OrderAsync(claim.Origin, claim.Operation, cancellationToken).ConfigureAwait(false);
        if (answer.Error is null && OrderEvidence.Read(answer.Body) is { } order)
        {
            return EvidenceRules.JudgePlace(claim, order) == Finding.Ours ? (Executed(order, "the order was found when it was looked for"), false) : (null, false);
        }

        return (null, ExchangeQuestions.SaysAbsent(answer));
    }

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private static Verdict Executed(OrderEvidence order, string evidence) =>
        new(ExecutionStatus.Executed, new ReplySnapshot(System.Net.HttpStatusCode.OK, order.Raw, "application/json"), null, evidence);

    private async Task SearchAsync(Claim claim, ReconciliationOptions options, CancellationToken stop)
    {
        var proof = EvidenceRules.DeadlineMs(claim) is { } deadline ? new AbsenceProof(deadline, options) : null;
        var pause = options.FirstPause;
        var began = time.GetTimestamp();
        var longest = options.MaxPause;
        try
        {
            while (claim.NeedsEvidence)
            {
                if (await TryAskAsync(claim, proof, stop).ConfigureAwait(false) is { } verdict)
                {
                    await ConcludeAsync(claim, verdict, options, stop).ConfigureAwait(false);
                    return;
                }

                var wait = proof is null ? pause : proof.Pause(NowMs(claim), pause);
                await Task.Delay(wait, time, stop).ConfigureAwait(false);
                longest = time.GetElapsedTime(began) > options.SettleMargin * 4 ? LongestPause : options.MaxPause;
                pause = pause * 2 < longest ? pause * 2 : longest;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process ends; what is in doubt stays so.
        }
    }

    /// <summary>A signer or a transport may fail in ways of its own. That is no evidence, and no reason to stop looking for some.</summary>
    private async Task<Verdict?> TryAskAsync(Claim claim, AbsenceProof? proof, CancellationToken stop)
    {
        try
        {
            return await AskAsync(claim, proof, stop).ConfigureAwait(false);
        }
        catch (Exception error) when (!stop.IsCancellationRequested)
        {
            Log.QuestionFailed(logger, claim.Key.Id, error);
            return null;
        }
    }

    /// <summary>What the application does with its news must not keep ours from its work.</summary>
    private void Tell(Claim claim, Action news)
    {
        try
        {
            news();
        }
        catch (Exception error)
        {
            Log.ListenerFailed(logger, claim.Key.Id, error);
        }
    }

    private async Task<Verdict?> AskAsync(Claim claim, AbsenceProof? proof, CancellationToken stop)
    {
        // The exchange's time is asked before the order, so that an answer of absence is at least as late as that time. Before our own clock
        // thinks the windows closed, no answer of absence can count and the question would be wasted.
        var askedAt = 0L;
        if (proof is not null && proof.MayCount(NowMs(claim)))
        {
            askedAt = await _ask.TimeAsync(claim.Origin, stop).ConfigureAwait(false) ?? 0;
        }

        var answer = await _ask.OrderAsync(claim.Origin, claim.Operation, stop).ConfigureAwait(false);
        if (answer.Error is null)
        {
            return OrderEvidence.Read(answer.Body) is { } order ? await ReadAsync(claim, order, proof, askedAt, stop).ConfigureAwait(false) : null;
        }

        if (ExchangeQuestions.SaysAbsent(answer))
        {
            return CountAbsence(claim, proof, askedAt);
        }

        Log.NoEvidence(logger, claim.Key.Id, answer.Error.ToString());
        return null;
    }

    private long NowMs(Claim claim) => clocks.Of(claim.Key.Environment).NowMs;

    private async Task<Verdict?> ReadAsync(Claim claim, OrderEvidence order, AbsenceProof? proof, long nowMs, CancellationToken stop)
    {
        if (claim.Key.Kind == OperationKind.Amend)
        {
            var answer = await _ask.AmendmentsAsync(claim.Origin, claim.Operation, stop).ConfigureAwait(false);
            if (answer.Error is not null || AmendmentEvidence.ReadAll(answer.Body) is not { } history)
            {
                history = [];
            }

            return EvidenceRules.JudgeAmend(claim, order, history) == Finding.Ours
                ? Executed(order, "the order shows the amendment")
                : CountAbsence(claim, proof, nowMs);
        }

        if (EvidenceRules.JudgePlace(claim, order) == Finding.Ours)
        {
            return Executed(order, "the order was found by its client order id");
        }

        // A namesake hides whatever else bears the id; the history from the first stamp on may still show ours, but never its absence.
        if (claim.Windows is not { Count: > 0 } windows)
        {
            return null;
        }

        var all = await _ask.AllOrdersSinceAsync(claim.Origin, claim.Operation, windows.Min(window => window.OpensMs), stop).ConfigureAwait(false);
        var ours = all.Error is null
            ? OrderEvidence.ReadAll(all.Body)?.FirstOrDefault(candidate =>
                string.Equals(candidate.ClientOrderId, claim.Operation.ClientOrderId, StringComparison.Ordinal)
                && EvidenceRules.JudgePlace(claim, candidate) == Finding.Ours)
            : null;
        return ours is null ? null : Executed(ours, "the order was found in the order history, beside an older namesake");
    }

    private static Verdict? CountAbsence(Claim claim, AbsenceProof? proof, long nowMs) =>
        proof is not null && proof.Add(nowMs)
            ? claim.ProvenAbsent($"{proof.Answers} answers of absence after the exchange could no longer accept it")
            : null;

    private async Task ConcludeAsync(Claim claim, Verdict verdict, ReconciliationOptions options, CancellationToken stop)
    {
        if (!claims.TryConclude(claim, verdict))
        {
            return;
        }

        Log.Settled(logger, claim.Operation, claim.Key.Id, verdict.Execution, verdict.Evidence);
        Tell(claim, () => events.RaiseSettled(claim, verdict));
        if (verdict.Execution == ExecutionStatus.NotExecuted)
        {
            foreach (var delay in options.Rechecks)
            {
                _ = RecheckAsync(claim, delay, stop);
            }
        }
        else if (claim.CancelWanted)
        {
            var answer = await _ask.CancelAsync(claim.Origin, claim.Operation, stop).ConfigureAwait(false);
            Log.KeptCancelApplied(logger, claim.Key.Id, answer.Error?.ToString() ?? "cancelled");
        }
    }

    private async Task RecheckAsync(Claim claim, TimeSpan delay, CancellationToken stop)
    {
        try
        {
            await Task.Delay(delay, time, stop).ConfigureAwait(false);
            var answer = await _ask.OrderAsync(claim.Origin, claim.Operation, stop).ConfigureAwait(false);
            // The same id may have been used anew since, by a resend of ours or of the application's; only the old windows contradict.
            if (answer.Error is null && OrderEvidence.Read(answer.Body) is { } order
                && claim is { Key.Kind: OperationKind.Place, Outcome.Execution: ExecutionStatus.NotExecuted }
                && EvidenceRules.FallsIntoWindow(claim, order))
            {
                Log.AbsenceContradicted(logger, claim.Operation, claim.Key.Id, order.Status ?? "");
                Tell(claim, () => events.RaiseContradiction(claim, order));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process ends.
        }
    }
}
