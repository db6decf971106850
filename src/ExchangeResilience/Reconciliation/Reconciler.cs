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

    // What gets no answer is repeated, but not for ever: a key may have been withdrawn.
    private const int MostRepeats = 10;

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
    public void Offer(Claim claim, OrderEvidence order, ReconciliationOptions options)
    {
        if (claim.Key.Kind == OperationKind.Place && EvidenceRules.JudgePlace(claim, order) == Finding.Ours)
        {
            Conclude(claim, Executed(order, "the application's own query showed the order"), options, _stop.Token);
        }
    }

    /// <summary>One look at the order, for errors that are documented as failures: null where it is not there, or the answer says nothing.</summary>
    public async Task<(Verdict? Executed, bool Absent)> LookOnceAsync(Claim claim, CancellationToken cancellationToken)
    {
        if (!claim.Origin.CanAsk)
        {
            return (null, false);
        }

        var answer = await _ask.OrderAsync(claim.Origin, claim.Operation, cancellationToken).ConfigureAwait(false);
        if (answer.Error is null && OrderEvidence.Read(answer.Body) is { } order)
        {
            return EvidenceRules.JudgePlace(claim, order) == Finding.Ours ? (Executed(order, "the order was found when it was looked for"), false) : (null, false);
        }

        return (null, ExchangeQuestions.SaysAbsent(answer));
    }

    /// <summary>A cancel whose caller cannot wait any longer for the order it names: it is applied as soon as the order is known to be there.</summary>
    public void KeepCancel(Claim claim, ReconciliationOptions options)
    {
        claim.KeepCancel();
        ApplyKeptCancel(claim, options);
    }

    /// <summary>Applies a kept cancel, if there is one, to an order that is there.</summary>
    public void ApplyKeptCancel(Claim claim, ReconciliationOptions options)
    {
        if (claim.TakeKeptCancel())
        {
            _ = CancelAsync(claim, options.FirstPause, _stop.Token);
        }
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
                if (await AskAsync(claim, proof, stop).ConfigureAwait(false) is { } verdict)
                {
                    Conclude(claim, verdict, options, stop);
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
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Log.SearchFailed(logger, claim.Key.Id, error);
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

    private void Conclude(Claim claim, Verdict verdict, ReconciliationOptions options, CancellationToken stop)
    {
        if (!claims.TryConclude(claim, verdict))
        {
            return;
        }

        Log.Settled(logger, claim.Operation, claim.Key.Id, verdict.Execution, verdict.Evidence);
        events.RaiseSettled(claim, verdict);
        if (verdict.Execution == ExecutionStatus.NotExecuted)
        {
            foreach (var delay in options.Rechecks)
            {
                _ = RecheckAsync(claim, delay, stop);
            }
        }
        else
        {
            ApplyKeptCancel(claim, options);
        }
    }

    // Nobody waits for this cancel, and everybody relies on it: it is repeated until the exchange has answered, which a cancel of one order may be.
    private async Task CancelAsync(Claim claim, TimeSpan pause, CancellationToken stop)
    {
        try
        {
            for (var turn = 1; ; turn++)
            {
                var answer = await _ask.CancelAsync(claim.Origin, claim.Operation, stop).ConfigureAwait(false);
                if (answer.Error is null or { Category: ErrorCategory.OrderNotFound } || turn == MostRepeats)
                {
                    Log.KeptCancelApplied(logger, claim.Key.Id, answer.Error?.ToString() ?? "cancelled");
                    return;
                }

                await Task.Delay(pause, time, stop).ConfigureAwait(false);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process ends.
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Log.SearchFailed(logger, claim.Key.Id, error);
        }
    }

    private async Task RecheckAsync(Claim claim, TimeSpan delay, CancellationToken stop)
    {
        try
        {
            for (var turn = 0; turn < MostRepeats; turn++)
            {
                await Task.Delay(turn == 0 ? delay : LongestPause, time, stop).ConfigureAwait(false);
                if (await IsAnsweredAsync(claim, stop).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process ends.
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Log.SearchFailed(logger, claim.Key.Id, error);
        }
    }

    /// <summary>Asks once more about an order reported as not executed. False where no answer came.</summary>
    private async Task<bool> IsAnsweredAsync(Claim claim, CancellationToken stop)
    {
        var answer = await _ask.OrderAsync(claim.Origin, claim.Operation, stop).ConfigureAwait(false);
        if (answer.Error is not null)
        {
            return ExchangeQuestions.SaysAbsent(answer);
        }

        if (OrderEvidence.Read(answer.Body) is not { } order)
        {
            return false;
        }

        bool contradicts;
        if (claim.Key.Kind == OperationKind.Amend)
        {
            answer = await _ask.AmendmentsAsync(claim.Origin, claim.Operation, stop).ConfigureAwait(false);
            if (answer.Error is not null || AmendmentEvidence.ReadAll(answer.Body) is not { } history)
            {
                return false;
            }

            contradicts = EvidenceRules.ShowsAmendment(claim, history);
        }
        else
        {
            contradicts = EvidenceRules.FallsIntoWindow(claim, order);
        }

        // The same may have been wanted anew since, by a resend of ours or of the application's; only the old windows contradict.
        if (contradicts && claim.Outcome is { Execution: ExecutionStatus.NotExecuted })
        {
            Log.AbsenceContradicted(logger, claim.Operation, claim.Key.Id, order.Status ?? "");
            events.RaiseContradiction(claim, order);
        }

        return true;
    }
}
