using System.Net;

namespace ExchangeResilience;

/// <summary>Determines the outcome of the items of a batch whose own replies do not show it, and prepares what may be sent again.</summary>
internal sealed class BatchFollowUp(Call call, BatchOutcomes outcomes, ClaimLifecycle lifecycle, CancelResolver cancels)
{
    private readonly ExchangeServices _services = call.Client.Services;

    /// <summary>Cancels: what the exchange said of some of them is looked into, and those that may be repeated are made ready.</summary>
    public async Task FollowUpCancelsAsync()
    {
        var pause = TimeSpan.Zero;
        foreach (var entry in outcomes.In(BatchEntryState.Pending).OrderBy(static entry => entry.Place is { IsSettled: false }))
        {
            switch (entry.Decision.Action)
            {
                case DecisionAction.Retry:
                    if (entry.Error!.Execution == ExecutionStatus.Unknown)
                    {
                        entry.MayHaveWorked = true;
                        call.NoteUnresolved();
                    }

                    entry.State = BatchEntryState.Ready;
                    pause = TimeSpan.Max(pause, entry.Decision.Delay);
                    break;
                case DecisionAction.AwaitPlace when entry.Place is { IsSettled: false } && outcomes.In(BatchEntryState.Ready).Count > 0:
                    // What can leave does not wait for a straggler until its time is up.
                    break;
                case DecisionAction.AwaitPlace:
                    await AwaitPlaceAsync(entry).ConfigureAwait(false);
                    break;
                default:
                    await ConfirmCancelAsync(entry).ConfigureAwait(false);
                    break;
            }
        }

        await Task.Delay(pause, _services.Time, call.CancellationToken).ConfigureAwait(false);
    }

    private async Task AwaitPlaceAsync(BatchEntry entry)
    {
        switch (await cancels.AwaitAsync(entry.Place!).ConfigureAwait(false))
        {
            case ExecutionStatus.Executed:
                entry.State = BatchEntryState.Ready;
                break;
            case ExecutionStatus.NotExecuted:
                outcomes.Know(entry, entry.Error!);
                break;
            default:
                entry.State = BatchEntryState.Unknown;
                break;
        }
    }

    private async Task ConfirmCancelAsync(BatchEntry entry)
    {
        var (order, execution) = await cancels.LookUpAsync(entry.Operation, call.IsUnresolved || entry.MayHaveWorked).ConfigureAwait(false);
        switch (execution)
        {
            case ExecutionStatus.Executed:
                outcomes.Know(entry, Verdict.OfOrder(order!, $"the order is {order!.Status}"));
                break;
            case ExecutionStatus.Unknown:
                entry.State = BatchEntryState.Unknown;
                break;
            default:
                outcomes.Know(entry, CancelResolver.WithAdvice(entry.Error!, order));
                break;
        }
    }

    /// <summary>Orders: waits for the truth about those in doubt. What proves absent is made ready if it may be sent again.</summary>
    public async Task AwaitFindingsAsync()
    {
        while (outcomes.In(BatchEntryState.InDoubt).FindAll(static entry => entry.Claim!.Origin.CanAsk) is { Count: > 0 } open)
        {
            // Searches that began together end together. What is ready to leave does not wait for a straggler until it is too late.
            var patience = TimeSpan.Min(call.Options.Reconciliation.MaxPause, call.SendLeft / 2);
            if (!await call.EndsWithinAsync(Task.WhenAny(open.Select(entry => entry.Claim!.Verdict)), outcomes.In(BatchEntryState.Ready).Count > 0 ? patience : call.TotalLeft).ConfigureAwait(false))
            {
                break;
            }

            foreach (var entry in open.Where(entry => entry.Claim!.Verdict.IsCompletedSuccessfully))
            {
                Learn(entry, await entry.Claim!.Verdict.ConfigureAwait(false));
            }
        }

        if (outcomes.In(BatchEntryState.Ready).Count > 0)
        {
            return;
        }

        foreach (var entry in outcomes.In(BatchEntryState.InDoubt))
        {
            outcomes.Note(entry, entry.Claim!.Origin.CanAsk ? "no evidence in time; the search goes on in the background" : "without this client's own key it cannot be looked up at the exchange");
            lifecycle.MarkInDoubt(entry.Claim, entry.Error!);
            entry.State = BatchEntryState.Unknown;
        }
    }

    private void Learn(BatchEntry entry, Verdict verdict)
    {
        var isWantedStill = verdict.Execution == ExecutionStatus.NotExecuted
            && call.Options.AfterProvenAbsent == AfterProvenAbsent.Resend && call.SendLeft > TimeSpan.Zero && entry.Claim!.Cancel is null && !verdict.IsByOperator;
        var again = isWantedStill ? lifecycle.TryClaim(entry.Operation) : default;
        var isSentAgain = again is { Answer: ClaimAnswer.Go, Claim: not null };
        outcomes.Note(entry, $"{verdict.Execution}: {verdict.Evidence}{(isSentAgain ? "; sent again" : "")}");
        if (isSentAgain)
        {
            entry.Claim = again.Claim;
            entry.MayHaveWorked = false;

            // The proof of absence is more than the look-up that such a sentence requires.
            call.Sentence = null;
            entry.State = BatchEntryState.Ready;
        }
        else
        {
            outcomes.Know(entry, verdict);
        }
    }
}
