using System.Net;

namespace ExchangeResilience;

/// <summary>What the exchange says of one item of a batch decides what follows, by the same function as for a request.</summary>
internal sealed class BatchItemDecider(Call call, BatchOutcomes outcomes, CancelResolver cancels)
{
    private readonly ExchangeServices _services = call.Client.Services;

    /// <summary>Decides about an item. The exchange's reply on it is null where it says nothing that is certainly meant for it.</summary>
    public void Take(BatchEntry entry, BatchReplyItem? reply, HttpResponseMessage response)
    {
        if (reply is null)
        {
            outcomes.LoseSight(entry, LocalErrors.ToError(ReplyErrors.UnprovenReply), reply: null);
            return;
        }

        var media = response.Content.Headers.ContentType?.ToString();
        if (reply is not { Definition: { } definition, Error: { } error })
        {
            if (entry.Operation.Kind == OperationKind.Place && reply.Order is { IsRejected: true })
            {
                var rejected = LocalErrors.ToError(ReplyErrors.OrderRecordedAsRejected);
                outcomes.Know(entry, new Verdict(ExecutionStatus.NotExecuted, new ReplySnapshot(HttpStatusCode.BadRequest, reply.Json, media), rejected, "its own reply"));
                return;
            }

            outcomes.Know(entry, new Verdict(ExecutionStatus.Executed, new ReplySnapshot(HttpStatusCode.OK, reply.Json, media), null, "its own reply"));
            return;
        }

        // A single request would have met the error under a status of its own.
        entry.Reply = new ReplySnapshot(HttpStatusCode.BadRequest, reply.Json, media);
        var row = call.Settings.Matrix.Find(definition, null);
        entry.Error = error = error with { Execution = row.Execution ?? error.Execution };
        entry.Place = cancels.PlaceOf(entry.Operation);
        entry.Decision = Decision.After(Describe(entry, error, row));
        _services.Metrics.Error(error, entry.Decision.Action);
        CallTrace.Decided(entry.Decision.Action, entry.Decision.Reason, entry.Decision.Delay);
        Log.ItemDecided(
            _services.Logger, ErrorLabel.Of(error), entry.Number, call.Operation, Wording.Of(error), Wording.Of(error.Execution),
            DecisionSentence.Of(entry.Decision, call.Attempts, Decision.AttemptsAllowed(entry.Operation.Kind, error.Execution, row) - 1, canAsk: call.Client.CanLookUp(call.Route)),
            call.Client.Name, entry.Operation.ClientOrderId ?? Log.NoId,
            error.Category, error.Execution, entry.Decision.Action, entry.Decision.Reason);
        switch (entry.Decision.Action)
        {
            case DecisionAction.Reconcile:
                if (entry.Claim is { } claim)
                {
                    claim.IdIsTaken |= error.Category == ErrorCategory.DuplicateOrder;
                }

                outcomes.LoseSight(entry, error, entry.Reply);
                break;
            case DecisionAction.ConfirmCancel or DecisionAction.AwaitPlace or DecisionAction.Retry:
                outcomes.Note(entry, $"{error}; {entry.Decision.Reason}");
                entry.State = BatchEntryState.Pending;
                break;
            case DecisionAction.ReturnAsSuccess:
                outcomes.Note(entry, $"{error}; counts as a success ({entry.Decision.Reason})");
                outcomes.Know(entry, new Verdict(ExecutionStatus.Executed, entry.Reply with { Status = HttpStatusCode.OK }, null, $"the exchange said {error}"));
                break;
            default:
                outcomes.Know(entry, error);
                break;
        }
    }

    private DecisionInput Describe(BatchEntry entry, ExchangeError error, PolicyRow row) => new()
    {
        Kind = entry.Operation.Kind,
        Category = error.Category,
        Execution = error.Execution,
        Row = row,
        Attempts = call.Attempts,
        CanBeReconciled = entry.Claim is not null || entry.Operation is { Kind: OperationKind.Cancel, Endpoint.EvidencePath: not null },
        IsMereSentence = error.Category is ErrorCategory.Overloaded or ErrorCategory.Unavailable,
        EarlierAttemptMayHaveWorked = entry.MayHaveWorked,
        PlaceInDoubt = entry.Place is not null,
        Backoff = error.Execution == ExecutionStatus.Unknown && call.Attempts == 1 ? TimeSpan.Zero : row.BaseDelay,

        // An order that was refused for certain is the caller's to send again; only the batch as a whole is retried for it.
        TimeLeft = call.Operation.Endpoint.ClaimsItems ? TimeSpan.Zero : call.WaitLeft,
    };
}
