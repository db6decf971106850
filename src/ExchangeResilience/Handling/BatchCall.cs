using System.Net;

namespace ExchangeResilience;

/// <summary>
/// A batch: each item has an outcome of its own. Places and amends leave under a claim each, and an item is sent again, in a smaller batch, only once it is
/// proven absent; cancels are repeated. What the caller holds stays whole.
/// </summary>
internal sealed class BatchCall
{
    private readonly Call _call;
    private readonly BatchItems _items;
    private readonly string? _form;
    private readonly ExchangeErrorHandler _handler;
    private readonly ExchangeState _state;
    private readonly List<BatchEntry> _entries;
    private readonly BatchClaims _claims;
    private readonly ClaimKeeping _keeping;
    private readonly CancelResolver _cancels;
    private readonly List<Task> _keptCancels = [];

    public BatchCall(Call call, BatchItems items, string? form, ExchangeErrorHandler handler)
    {
        _call = call;
        _items = items;
        _form = form;
        _handler = handler;
        _state = call.Client.State;
        _entries = [.. items.Items.Select((item, index) => new BatchEntry(item, index + 1))];
        _claims = new BatchClaims(call, _entries);
        _keeping = new ClaimKeeping(call);
        _cancels = new CancelResolver(call);
    }

    private bool IsOrders => _call.Operation.Endpoint.ClaimsItems;

    private ErrorCatalog Catalog => _call.Options.Venue.Errors;

    public async Task<HttpResponseMessage> RunAsync()
    {
        if (IsOrders)
        {
            await _claims.TakeAsync().ConfigureAwait(false);
        }

        try
        {
            while (In(BatchEntryState.Ready) is { Count: > 0 } ready)
            {
                var whole = await SendAsync(ready).ConfigureAwait(false);
                if (whole is { } said && _entries.TrueForAll(static entry => entry.State == BatchEntryState.Known))
                {
                    return Deliver(said);
                }

                whole?.Response?.Dispose();
                await FollowUpAsync().ConfigureAwait(false);
                await AwaitFindingsAsync().ConfigureAwait(false);
            }

            await _claims.JoinAsync().ConfigureAwait(false);
            await Task.WhenAll(_keptCancels).ConfigureAwait(false);
            _claims.LookAgain();
            return Deliver();
        }
        catch (OperationCanceledException cancelled) when (_call.CancellationToken.IsCancellationRequested)
        {
            var isUnknown = _call.MayHaveWorked || _call.IsUnresolved || In(BatchEntryState.Joined).Count > 0;
            if (_call.MayHaveWorked)
            {
                _call.NoteUnresolved();
            }

            _claims.Abandon();
            throw ExchangeErrorHandler.Cancelled(_call, isUnknown ? ExecutionStatus.Unknown : ExecutionStatus.NotExecuted, cancelled);
        }
        catch
        {
            _claims.Abandon();
            throw;
        }
    }

    private List<BatchEntry> In(BatchEntryState state) => _entries.FindAll(entry => entry.State == state);

    /// <summary>Sends some items. Gives the result where it answers for the whole batch.</summary>
    private async Task<CallResult?> SendAsync(List<BatchEntry> ready)
    {
        if (!IsOrders)
        {
            ready.FindAll(IsOvertaken).ForEach(LeaveNewerOrder);
            ready.RemoveAll(IsOvertaken);
            if (ready.Count == 0)
            {
                return null;
            }

            _call.Application.Cancels = [.. ready.Select(static entry => OrderName.Of(entry.Operation))];
        }

        var isWhole = ready.Count == _entries.Count;
        if (!isWhole && !_call.Route.CanSign)
        {
            ready.ForEach(CannotSend);
            return null;
        }

        _call.Claims = [.. ready.Select(entry => entry.Claim).OfType<Claim>()];
        _call.IsUnresolved = false;
        using var part = isWhole ? null : RequestPreparation.CopyWith(_call.Request, _form, _items.Parameter, BatchItems.Write(ready.Select(entry => entry.Item)));
        CallResult result;
        try
        {
            _call.Message = part ?? _call.Request;
            result = await _handler.RunAsync(_call).ConfigureAwait(false);
            if (result.Execution == ExecutionStatus.NotExecuted && !await _keeping.AskJournalAsync().ConfigureAwait(false))
            {
                ready.ForEach(entry => _claims.Leave(entry, LocalErrors.MayBeAnEarlierRuns(result.Error!)));
                return null;
            }
        }
        catch (OrderStandsException standing)
        {
            await _claims.MeetAsync(standing).ConfigureAwait(false);
            return null;
        }
        finally
        {
            _call.Message = _call.Request;
        }

        if (result is { Error: null, Response: { } response, Body: { } body })
        {
            var replies = BatchReply.Match(body, (int)response.StatusCode, ready, Catalog);
            for (var index = 0; index < ready.Count; index++)
            {
                Take(ready[index], replies[index], response);
            }
        }
        else if (!IsOrders && string.Equals(result.Error?.Name, LocalErrors.NewerOrderPlaced.Name, StringComparison.Ordinal))
        {
            // While it waited to leave a newer order was placed: the other items go without that one.
            ready.ForEach(entry => entry.MayHaveWorked |= result.Execution == ExecutionStatus.Unknown);
            return null;
        }
        else if (result.Execution == ExecutionStatus.Unknown)
        {
            ready.ForEach(entry => LoseSight(entry, result.Error!, reply: null));
        }
        else
        {
            foreach (var entry in ready)
            {
                if (entry.MayHaveWorked || _call.RepeatsUnresolved)
                {
                    // What was refused is the repeat; of the send before it that says nothing.
                    LoseSight(entry, entry.Error ?? result.Error!, reply: null);
                }
                else
                {
                    Know(entry, new Verdict(ExecutionStatus.NotExecuted, null, result.Error, "the batch was refused"));
                }
            }
        }

        if (isWhole)
        {
            return result;
        }

        result.Response?.Dispose();
        return null;
    }

    private bool IsOvertaken(BatchEntry entry) => _call.Application.IsOvertaken(OrderName.Of(entry.Operation));

    private void LeaveNewerOrder(BatchEntry entry)
    {
        var error = LocalErrors.ToError(LocalErrors.NewerOrderPlaced, message: entry.ToString());
        if (entry.MayHaveWorked || _call.RepeatsUnresolved)
        {
            LoseSight(entry, error with { Execution = ExecutionStatus.Unknown }, reply: null);
        }
        else
        {
            Know(entry, new Verdict(ExecutionStatus.NotExecuted, null, error, "a newer order bears its id"));
        }
    }

    private void CannotSend(BatchEntry entry)
    {
        if (entry.MayHaveWorked)
        {
            entry.State = BatchEntryState.Unknown;
        }
        else
        {
            _claims.Refuse(entry);
        }
    }

    /// <summary>What the exchange says of one item decides what follows, by the same function as for a request.</summary>
    private void Take(BatchEntry entry, BatchReplyItem? reply, HttpResponseMessage response)
    {
        if (reply is null)
        {
            LoseSight(entry, LocalErrors.ToError(ReplyErrors.UnprovenReply), reply: null);
            return;
        }

        var media = response.Content.Headers.ContentType?.ToString();
        if (reply is not { Definition: { } definition, Error: { } error })
        {
            Know(entry, new Verdict(ExecutionStatus.Executed, new ReplySnapshot(HttpStatusCode.OK, reply.Json, media), null, "its own reply"));
            return;
        }

        // A single request would have met the error under a status of its own.
        entry.Reply = new ReplySnapshot(HttpStatusCode.BadRequest, reply.Json, media);
        var row = _call.Settings.Matrix.Find(definition, null);
        entry.Error = error = error with { Execution = row.Execution ?? error.Execution };
        entry.Place = _cancels.PlaceOf(entry.Operation);
        entry.Decision = Decision.After(Describe(entry, error, row));
        _state.Metrics.Error(error, entry.Decision.Action);
        CallTrace.Decided(entry.Decision.Action, entry.Decision.Reason, entry.Decision.Delay);
        Log.ItemDecided(
            _state.Logger, ErrorLabel.Of(error), entry.Number, _call.Operation, Wording.Of(error.Category), Wording.Of(error.Execution),
            DecisionSentence.Of(entry.Decision, _call.Attempts, Decision.AttemptsAllowed(entry.Operation.Kind, error.Execution, row) - 1),
            error.Category, error.Execution, entry.Decision.Action, entry.Decision.Reason);
        switch (entry.Decision.Action)
        {
            case DecisionAction.Reconcile:
                if (entry.Claim is { } claim)
                {
                    claim.IdIsTaken |= error.Category == ErrorCategory.DuplicateOrder;
                }

                LoseSight(entry, error, entry.Reply);
                break;
            case DecisionAction.ConfirmCancel or DecisionAction.AwaitPlace or DecisionAction.Retry:
                Tell(entry, $"{error}; {entry.Decision.Reason}");
                entry.State = BatchEntryState.Pending;
                break;
            case DecisionAction.ReturnAsSuccess:
                Tell(entry, $"{error}; counts as a success ({entry.Decision.Reason})");
                Know(entry, new Verdict(ExecutionStatus.Executed, entry.Reply with { Status = HttpStatusCode.OK }, null, $"the exchange said {error}"));
                break;
            default:
                Know(entry, error);
                break;
        }
    }

    private Situation Describe(BatchEntry entry, ExchangeError error, PolicyRow row) => new()
    {
        Kind = entry.Operation.Kind,
        Category = error.Category,
        Execution = error.Execution,
        Row = row,
        Attempts = _call.Attempts,
        CanBeReconciled = entry.Claim is not null || entry.Operation is { Kind: OperationKind.Cancel, Endpoint.EvidencePath: not null },
        IsMereSentence = error.Category is ErrorCategory.Overloaded or ErrorCategory.Unavailable,
        EarlierAttemptMayHaveWorked = entry.MayHaveWorked,
        PlaceInDoubt = entry.Place is not null,
        Backoff = error.Execution == ExecutionStatus.Unknown && _call.Attempts == 1 ? TimeSpan.Zero : row.BaseDelay,

        // An order that was refused for certain is the caller's to send again; only the batch as a whole is retried for it.
        TimeLeft = IsOrders ? TimeSpan.Zero : _call.WaitLeft,
    };

    /// <summary>Cancels: what the exchange said of some of them is looked into, and those that may be repeated are made ready.</summary>
    private async Task FollowUpAsync()
    {
        var pause = TimeSpan.Zero;
        foreach (var entry in In(BatchEntryState.Pending).OrderBy(static entry => entry.Place is { IsSettled: false }))
        {
            switch (entry.Decision.Action)
            {
                case DecisionAction.Retry:
                    if (entry.Error!.Execution == ExecutionStatus.Unknown)
                    {
                        entry.MayHaveWorked = true;
                        _call.NoteUnresolved();
                    }

                    entry.State = BatchEntryState.Ready;
                    pause = entry.Decision.Delay > pause ? entry.Decision.Delay : pause;
                    break;
                case DecisionAction.AwaitPlace when entry.Place is { IsSettled: false } && In(BatchEntryState.Ready).Count > 0:
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

        await Task.Delay(pause, _state.Time, _call.CancellationToken).ConfigureAwait(false);
    }

    private async Task AwaitPlaceAsync(BatchEntry entry)
    {
        switch (await _cancels.AwaitAsync(entry.Place!).ConfigureAwait(false))
        {
            case ExecutionStatus.Executed:
                entry.State = BatchEntryState.Ready;
                break;
            case ExecutionStatus.NotExecuted:
                Know(entry, entry.Error!);
                break;
            default:
                entry.State = BatchEntryState.Unknown;
                break;
        }
    }

    private async Task ConfirmCancelAsync(BatchEntry entry)
    {
        var (order, execution) = await _cancels.LookUpAsync(entry.Operation, _call.IsUnresolved || entry.MayHaveWorked).ConfigureAwait(false);
        switch (execution)
        {
            case ExecutionStatus.Executed:
                Know(entry, new Verdict(ExecutionStatus.Executed, new ReplySnapshot(HttpStatusCode.OK, order!.Raw, "application/json"), null, $"the order is {order.Status}"));
                break;
            case ExecutionStatus.Unknown:
                entry.State = BatchEntryState.Unknown;
                break;
            default:
                Know(entry, CancelResolver.Told(entry.Error!, order));
                break;
        }
    }

    /// <summary>Orders: waits for the truth about those in doubt. What proves absent is made ready if it may be sent again.</summary>
    private async Task AwaitFindingsAsync()
    {
        while (In(BatchEntryState.InDoubt) is { Count: > 0 } open && open[0].Claim!.Origin.CanAsk)
        {
            // Searches that began together end together. What is ready to leave does not wait for a straggler until it is too late.
            var patience = _call.Options.Reconciliation.MaxPause < _call.SendLeft / 2 ? _call.Options.Reconciliation.MaxPause : _call.SendLeft / 2;
            try
            {
                await Task.WhenAny(open.Select(entry => entry.Claim!.Verdict))
                    .WaitAsync(In(BatchEntryState.Ready).Count > 0 ? patience : _call.TotalLeft, _state.Time, _call.CancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                break;
            }

            foreach (var entry in open.Where(entry => entry.Claim!.Verdict.IsCompletedSuccessfully))
            {
                Learn(entry, await entry.Claim!.Verdict.ConfigureAwait(false));
            }
        }

        if (In(BatchEntryState.Ready).Count > 0)
        {
            return;
        }

        foreach (var entry in In(BatchEntryState.InDoubt))
        {
            Tell(entry, entry.Claim!.Origin.CanAsk ? "no evidence in time; the search goes on in the background" : "without a key of this client's own nobody can be asked");
            _keeping.Doubt(entry.Claim, entry.Error!);
            entry.State = BatchEntryState.Unknown;
        }
    }

    private void Learn(BatchEntry entry, Verdict verdict)
    {
        var isWantedStill = verdict.Execution == ExecutionStatus.NotExecuted
            && _call.Options.AfterProvenAbsent == AfterProvenAbsent.Resend && _call.SendLeft > TimeSpan.Zero && entry.Claim!.Cancel is null;
        var again = isWantedStill ? _keeping.TryClaim(entry.Operation) : default;
        var isSentAgain = again is { Answer: ClaimAnswer.Go, Claim: not null };
        Tell(entry, $"{verdict.Execution}: {verdict.Evidence}{(isSentAgain ? "; sent again" : "")}");
        if (isSentAgain)
        {
            entry.Claim = again.Claim;
            entry.MayHaveWorked = false;
            entry.State = BatchEntryState.Ready;
        }
        else
        {
            Know(entry, verdict);
        }
    }

    private void LoseSight(BatchEntry entry, ExchangeError error, ReplySnapshot? reply)
    {
        Tell(entry, error.ToString());
        entry.Error = error;
        entry.MayHaveWorked = true;
        _call.NoteUnresolved();
        if (entry.Claim is { } claim)
        {
            _keeping.Doubt(claim, error, reply);
            entry.State = BatchEntryState.InDoubt;
        }
        else
        {
            _keptCancels.Add(_cancels.KeepIfInDoubtAsync(entry.Operation));
            entry.State = BatchEntryState.Unknown;
        }
    }

    private void Know(BatchEntry entry, ExchangeError error)
    {
        if (error.Execution == ExecutionStatus.Unknown)
        {
            LoseSight(entry, error, entry.Reply);
        }
        else
        {
            Know(entry, new Verdict(error.Execution, entry.Reply, error, "its own reply"));
        }
    }

    private void Know(BatchEntry entry, Verdict verdict)
    {
        entry.Know(entry.Claim is { } claim ? _keeping.Settle(claim, verdict) : verdict);
        if (entry is { Operation.Kind: OperationKind.Cancel, Execution: ExecutionStatus.Executed })
        {
            _cancels.NoteCancelled(entry.Operation, entry.Verdict?.Reply?.Body);
        }
    }

    private void Tell(BatchEntry entry, string story) => _call.Report.Add(RecoveryStepKind.Evidence, $"{entry}: {story}");

    /// <summary>The exchange's own reply, which says all there is to say.</summary>
    private HttpResponseMessage Deliver(CallResult said)
    {
        if (said is { Error: null, Response: { } response })
        {
            Annotate(response, _call.HasReport);
        }

        if (said.Response is { } told)
        {
            ResponseAnnotations.Of(told).Refresh = Refresh;
        }

        return Answered(said.Response ?? (object)said.Exception!, said.Deliver);
    }

    private HttpResponseMessage Deliver()
    {
        _call.Report.Evidence = string.Join("; ", _entries.Where(static entry => entry.Verdict is not null).Select(static entry => $"{entry}: {entry.Verdict!.Evidence}"));
        if (_entries.TrueForAll(static entry => entry.State == BatchEntryState.Unknown))
        {
            throw _keeping.Thrown((_entries[0].Error ?? LocalErrors.ConnectionLost()) with { Execution = ExecutionStatus.Unknown }, "nothing is known of any item");
        }

        var response = new ReplySnapshot(HttpStatusCode.OK, BatchReply.Write(_entries, Catalog), "application/json").ToResponse(_call.Request);
        Annotate(response, isRecovered: true);
        ResponseAnnotations.Of(response).Refresh = Refresh;
        return Answered(response, () => response);
    }

    /// <summary>What tells of the items' verdicts is noted for the application's call, which knows by it that it was told.</summary>
    private HttpResponseMessage Answered(object word, Func<HttpResponseMessage> deliver)
    {
        _call.Application.Answer(word);
        foreach (var entry in In(BatchEntryState.Known))
        {
            if (entry.Claim is { } claim)
            {
                _call.Client.State.Claims.Tell(_call.Application, word, claim);
            }
        }

        return deliver();
    }

    private HttpResponseMessage? Refresh() => _claims.LookAgain() ? Deliver() : null;

    private void Annotate(HttpResponseMessage response, bool isRecovered)
    {
        var annotations = ResponseAnnotations.Of(response);
        annotations.Items = [.. _entries.Select(entry => BatchReply.Told(entry, Catalog))];
        if (isRecovered)
        {
            annotations.Report = _call.Report.Build(_call, Outcome());
        }
    }

    /// <summary>Of the batch as a whole: unknown while one item is, executed if one was.</summary>
    private ExecutionStatus Outcome() =>
        _entries.Exists(static entry => entry.Execution == ExecutionStatus.Unknown) ? ExecutionStatus.Unknown
        : _entries.Exists(static entry => entry.Execution == ExecutionStatus.Executed) ? ExecutionStatus.Executed
        : ExecutionStatus.NotExecuted;
}
