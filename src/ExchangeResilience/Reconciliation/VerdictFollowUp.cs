using System.Net;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>What remains to be done once a verdict is in: absence is looked up again, and a cancel kept for the order is applied.</summary>
internal sealed class VerdictFollowUp(ExchangeQueries ask, ClaimTable claims, ClaimJournal journal, TimeProvider time, InDoubtEvents news, ILogger logger)
{
    // As many as fill a quarter of an hour at the longest pause.
    private const int Tries = 15;

    // A hold or a lost connection must not be taken for an answer.
    private static readonly TimeSpan PauseBetweenTries = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    // No absence is believed sooner of an order that was shown before.
    private static readonly TimeSpan LongestLag = TimeSpan.FromMinutes(1);

    // Absences of the same ten minutes are looked up in one list.
    private static readonly long ListsOf = (long)TimeSpan.FromMinutes(10).TotalMilliseconds;

    private readonly SharedAnswers<(ListName Orders, long SinceMs), OrderList> _lists = new(time);

    /// <summary>Looks once more for what was proven absent. The windows are those of the verdict: a resend since then contradicts nothing.</summary>
    public async Task RecheckAsync(Claim claim, IReadOnlyList<AttemptWindow> windows, TimeSpan delay, CancellationToken stop)
    {
        if (windows.Count == 0)
        {
            return;
        }

        try
        {
            await Task.Delay(delay, time, stop).ConfigureAwait(false);
            var pause = PauseBetweenTries;
            for (var tries = 0; tries < Tries && claim.RechecksLeft > 0; tries++)
            {
                var (answered, order) = await TryAsync(claim, () => FindAsync(claim, windows, stop), stop).ConfigureAwait(false);
                if (order is not null)
                {
                    await ContradictAsync(claim, order, stop).ConfigureAwait(false);
                    return;
                }

                if (answered)
                {
                    NoteRecheck(claim);
                    return;
                }

                await Task.Delay(pause, time, stop).ConfigureAwait(false);
                pause = TimeSpan.Min(pause * 2, LongestPause);
            }

            // No answer comes: the claim must not wait for ever.
            if (claim.RechecksLeft > 0)
            {
                NoteRecheck(claim);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    /// <summary>What was proven absent was seen all the same. A cancel that ended with its absence is applied after all.</summary>
    public async Task ContradictAsync(Claim claim, OrderEvidence order, CancellationToken stop)
    {
        var isOurs = !await IsExplainedAsync(claim, order, stop).ConfigureAwait(false);
        if (claim.RechecksLeft > 0)
        {
            NoteRecheck(claim, isLast: isOurs);
            if (!isOurs)
            {
                return;
            }

            if (order.Raw.Length > 0
                && claims.Correct(claim, Verdict.OfOrder(order, "it was reported absent, and has been seen since")) is { } found)
            {
                journal.Corrected(found);
                if (found.Cancel is { } cancel && cancel.TryTake())
                {
                    _ = CancelAsync(found, cancel, stop);
                }
            }

            Log.AbsenceContradicted(logger, claim.Operation, claim.Key.Id, claim.Key.Symbol, claim.Origin.ClientName, order.Status ?? "");
            news.RaiseContradiction(claim, order);
        }
    }

    /// <summary>Whether an order that was seen contradicts no absence: the exchange rejected it, or it was sent again since, by this run or the one that the claim is of.</summary>
    private async ValueTask<bool> IsExplainedAsync(Claim claim, OrderEvidence order, CancellationToken stop) =>
        order.IsRejected || IsSentAgain(claim, order) || await journal.IsSentAgainAsync(claim, order, stop).ConfigureAwait(false);

    private static bool IsSentAgain(Claim claim, OrderEvidence order) =>
        claim.Latest is { IsCorrection: false } again && again != claim
        && (claim.Key.Kind == OperationKind.Amend ? again.Outcome is { Execution: ExecutionStatus.Executed } : IsOrderOf(again, order));

    private static bool IsOrderOf(Claim again, OrderEvidence order) =>
        order.OrderId is not null && string.Equals(order.OrderId, again.OrderId, StringComparison.Ordinal)
        && again.Attempts.Windows?.Any(window => window.Covers(order.TimeMs)) != false;

    /// <summary>Cancels an order that has appeared, until the exchange answers, as long as a verdict is kept.</summary>
    public async Task CancelAsync(Claim claim, KeptCancel cancel, CancellationToken stop)
    {
        var pause = PauseBetweenTries;
        var began = time.GetTimestamp();
        try
        {
            while (cancel.IsOpen)
            {
                if (await TryCancelAsync(claim, began, stop).ConfigureAwait(false) is { } fate)
                {
                    EndCancel(claim, fate);
                    return;
                }

                await Task.Delay(pause, time, stop).ConfigureAwait(false);
                pause = TimeSpan.Min(pause * 2, LongestPause);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The process ends; the next run applies it.
        }
    }

    /// <summary>Tries once to cancel an order that has appeared; null where that is to be tried again.</summary>
    private async Task<KeptCancelFate?> TryCancelAsync(Claim claim, long began, CancellationToken stop)
    {
        if (claim.OrderId is null && await TryAsync(claim, () => IdentifyAsync(claim, stop), stop).ConfigureAwait(false) == false)
        {
            return KeptCancelFate.Needless;
        }

        if (claim.OrderId is { } order && string.Equals(order, claim.EndedOrder, StringComparison.Ordinal))
        {
            return KeptCancelFate.Needless;
        }

        var answer = claim.OrderId is null ? null : await TryAsync(claim, async () => (QueryResult?)await ask.CancelAsync(claim, stop).ConfigureAwait(false), stop).ConfigureAwait(false);
        return answer is { Error: null } ? KeptCancelFate.Applied
            : answer?.Error?.Code == claim.Origin.Venue.Codes.CancelRejected && await TryAsync(claim, () => IsOverAsync(claim, time.GetElapsedTime(began), stop), stop).ConfigureAwait(false) ? KeptCancelFate.Needless
            : time.GetElapsedTime(began) > claim.Delivery.Retention ? KeptCancelFate.Expired
            : null;
    }

    /// <summary>A kept cancel has had its answer, or never will: the application gets an event.</summary>
    public void EndCancel(Claim claim, KeptCancelFate fate)
    {
        claim.Cancel?.End(fate);
        if (fate == KeptCancelFate.Expired)
        {
            Log.KeptCancelGivenUp(logger, claim.Operation, claim.Key.Id);
        }
        else
        {
            Log.KeptCancelEnded(logger, claim.Operation, claim.Key.Id, fate.ToString());
        }

        journal.Noted(claim);
        news.RaiseCancelEnded(claim, fate);
        claims.FollowedUp(claim);
    }

    private void NoteRecheck(Claim claim, bool isLast = false)
    {
        claim.RechecksLeft = isLast ? 0 : claim.RechecksLeft - 1;
        journal.Noted(claim);
        claims.FollowedUp(claim);
    }

    /// <summary>
    /// Looks for the exchange's id of an order that is known by an operator's decision alone: its client order id may be a later order's by now. False where another has that
    /// id; null where the exchange does not show either.
    /// </summary>
    private async Task<bool?> IdentifyAsync(Claim claim, CancellationToken stop)
    {
        var answer = await ask.OrderAsync(claim.Origin, claim.Operation, stop).ConfigureAwait(false);
        if (answer.Order is not { } order)
        {
            return null;
        }

        var isOurs = EvidenceRules.JudgePlace(claim, order) == Finding.Ours;
        claim.FoundOrder = isOurs ? order.OrderId : null;
        return isOurs;
    }

    /// <summary>Whether an order that a cancel did not find is over: where cancels lag, it may be open still, and where queries do, it is not shown for a while.</summary>
    private async Task<bool> IsOverAsync(Claim claim, TimeSpan lookedFor, CancellationToken stop)
    {
        var answer = await ask.FoundOrderAsync(claim, stop).ConfigureAwait(false);
        return answer.Order is { } order
            ? !order.IsOpen && EvidenceRules.Names(claim.Operation, order)
            : ExchangeQueries.SaysAbsent(answer, claim.Origin.Venue) && lookedFor > LongestLag;
    }

    private Task<T?> TryAsync<T>(Claim claim, Func<Task<T>> question, CancellationToken stop) => ExchangeQueries.TryAsync(claim, question, logger, stop);

    private async Task<(bool Answered, OrderEvidence? Order)> FindAsync(Claim claim, IReadOnlyList<AttemptWindow> windows, CancellationToken stop)
    {
        if (claim.Key.Kind == OperationKind.Amend)
        {
            return await FindAmendmentAsync(claim, windows, stop).ConfigureAwait(false);
        }

        // The look-up by id shows the newest order of that id, which may hide the one in question behind a resend.
        var opensMs = windows.Min(window => window.OpensMs);
        var list = await ListAsync(claim, opensMs - (opensMs % ListsOf), isShared: true, stop).ConfigureAwait(false);
        if (list is { IsReadable: true, IsWhole: false })
        {
            list = await ListAsync(claim, opensMs, isShared: false, stop).ConfigureAwait(false);
        }

        foreach (var order in list.Orders.Where(order => EvidenceRules.Names(claim.Operation, order) && windows.Any(window => window.Covers(order.TimeMs))))
        {
            if (EvidenceRules.JudgePlace(claim, order) == Finding.Ours)
            {
                return (true, order);
            }

            if (order.OrderId is { } number && EvidenceRules.MayHaveBeenAmended(claim, order))
            {
                var answer = await ask.AmendmentsAsync(claim.Origin, claim.Operation.Naming(number), stop).ConfigureAwait(false);
                if (answer.Amendments is not { } history)
                {
                    return (false, null);
                }

                if (EvidenceRules.BeganAsClaimed(claim, order, history))
                {
                    return (true, order);
                }
            }
        }

        return (list.IsReadable, null);
    }

    /// <summary>The orders of a claim's symbol since a moment; shared, one answer serves every absence of the same minutes that is due within a second.</summary>
    private Task<OrderList> ListAsync(Claim claim, long sinceMs, bool isShared, CancellationToken stop)
    {
        return isShared ? _lists.Ask((new ListName(claim.Origin.Host, claim.Origin.Account.Counted, claim.Key.Symbol), sinceMs), used: null, AskAsync) : AskAsync();

        async Task<OrderList> AskAsync() =>
            OrderList.Read(await ask.AllOrdersSinceAsync(claim.Origin, claim.Operation, sinceMs, stop).ConfigureAwait(false), askedAtMs: 0, sinceMs, claim);
    }

    private async Task<(bool Answered, OrderEvidence? Order)> FindAmendmentAsync(Claim claim, IReadOnlyList<AttemptWindow> windows, CancellationToken stop)
    {
        // Its client order id may be a later order's by now.
        var amended = claim.AmendedOrder is { } number ? claim.Operation.Naming(number) : claim.Operation;
        var answer = await ask.AmendmentsAsync(claim.Origin, amended, stop).ConfigureAwait(false);
        if (answer.Error is not null)
        {
            return (ExchangeQueries.SaysAbsent(answer, claim.Origin.Venue), null);
        }

        if (answer.Amendments is not { } history)
        {
            return (false, null);
        }

        var found = EvidenceRules.ShowsAmendment(claim, windows, history);
        return (true, found ? new OrderEvidence { ClientOrderId = claim.Operation.ClientOrderId, Status = "AMENDED", Raw = [] } : null);
    }
}
