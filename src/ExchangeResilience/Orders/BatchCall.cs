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
    private readonly CallRunner _runner;
    private readonly List<BatchEntry> _entries;
    private readonly BatchClaims _claims;
    private readonly ClaimLifecycle _lifecycle;
    private readonly BatchOutcomes _outcomes;
    private readonly BatchItemDecider _decider;
    private readonly BatchFollowUp _followUp;
    private readonly BatchDelivery _delivery;

    public BatchCall(Call call, BatchItems items, string? form, CallRunner runner)
    {
        _call = call;
        _items = items;
        _form = form;
        _runner = runner;
        _entries = [.. items.Items.Select((item, index) => new BatchEntry(item, index + 1))];
        _lifecycle = new ClaimLifecycle(call);
        _claims = new BatchClaims(call, _entries, _lifecycle);
        var cancels = new CancelResolver(call);
        _outcomes = new BatchOutcomes(call, _entries, _lifecycle, cancels);
        _decider = new BatchItemDecider(call, _outcomes, cancels);
        _followUp = new BatchFollowUp(call, _outcomes, _lifecycle, cancels);
        _delivery = new BatchDelivery(call, _entries, _claims, _lifecycle);
    }

    private bool IsOrders => _call.Operation.Endpoint.ClaimsItems;

    public async Task<HttpResponseMessage> RunAsync()
    {
        try
        {
            if (IsOrders)
            {
                await _claims.TakeAsync().ConfigureAwait(false);
            }

            do
            {
                while (_outcomes.In(BatchEntryState.Ready) is { Count: > 0 } ready)
                {
                    var whole = await SendAsync(ready).ConfigureAwait(false);
                    if (whole is { } said && _entries.TrueForAll(static entry => entry.State == BatchEntryState.Known))
                    {
                        await _outcomes.KeptCancels.ConfigureAwait(false);
                        return _delivery.Deliver(said);
                    }

                    whole?.Response?.Dispose();
                    await _followUp.FollowUpCancelsAsync().ConfigureAwait(false);
                    await _followUp.AwaitFindingsAsync().ConfigureAwait(false);
                }

                await _claims.JoinAsync().ConfigureAwait(false);
            }
            while (await _claims.TakeUpAbandonedAsync().ConfigureAwait(false));

            await _outcomes.KeptCancels.ConfigureAwait(false);
            return _delivery.Deliver();
        }
        catch (OperationCanceledException cancelled) when (_call.CancellationToken.IsCancellationRequested)
        {
            var isUnknown = _call.MayHaveWorked || _call.IsUnresolved
                || _entries.Exists(static entry => entry.State is BatchEntryState.Joined or BatchEntryState.Unknown || entry.Verdict is { Execution: ExecutionStatus.Executed })
                || ExchangeOperationCanceledException.Find(cancelled) is { Execution: ExecutionStatus.Unknown };
            if (_call.MayHaveWorked)
            {
                _call.NoteUnresolved();
            }

            _claims.Abandon();
            throw _call.Cancelled(isUnknown ? ExecutionStatus.Unknown : ExecutionStatus.NotExecuted, cancelled);
        }
        catch
        {
            _claims.Abandon();
            throw;
        }
    }

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
        _call.Claims = [.. ready.Select(entry => entry.Claim).OfType<Claim>()];
        if (!isWhole && !_call.Route.CanSign)
        {
            await LeaveUnsentAsync(ready).ConfigureAwait(false);
            return null;
        }

        _call.IsUnresolved = false;
        if (await SendPartAsync(ready, isWhole).ConfigureAwait(false) is not { } result)
        {
            return null;
        }

        if (!IsOrders && string.Equals(result.Error?.Name, LocalErrors.NewerOrderPlaced.Name, StringComparison.Ordinal))
        {
            // While it waited to leave a newer order was placed: the other items go without that one.
            ready.ForEach(entry => entry.MayHaveWorked |= result.Execution == ExecutionStatus.Unknown);
            return null;
        }

        Take(result, ready);
        if (isWhole)
        {
            return result;
        }

        result.Response?.Dispose();
        return null;
    }

    /// <summary>Null where the journal has orders of the batch, or cannot be read.</summary>
    private async Task<CallResult?> SendPartAsync(List<BatchEntry> ready, bool isWhole)
    {
        using var part = isWhole ? null : RequestPreparation.CopyWith(_call.Request, _form, _items.Parameter, BatchItems.Write(ready.Select(entry => entry.Item)));
        try
        {
            _call.Message = part ?? _call.Request;
            var result = await _runner.RunAsync(_call).ConfigureAwait(false);
            if (result.Execution == ExecutionStatus.NotExecuted && !await _lifecycle.AskJournalAsync().ConfigureAwait(false))
            {
                ready.ForEach(entry => _claims.Refuse(entry, LocalErrors.MayBeAnEarlierRuns(result.Error!)));
                return null;
            }

            return result;
        }
        catch (JournalConflictException standing)
        {
            await _claims.MeetAsync(standing).ConfigureAwait(false);
            return null;
        }
        finally
        {
            _call.Message = _call.Request;
        }
    }

    /// <summary>What the answer to a send means to each item that was in it.</summary>
    private void Take(in CallResult result, List<BatchEntry> ready)
    {
        if (result is { Error: null, Response: { } response, Body: { } body })
        {
            var replies = BatchReply.Match(body, (int)response.StatusCode, ready, _call.Options.Venue.Errors);
            for (var index = 0; index < ready.Count; index++)
            {
                _decider.Take(ready[index], replies[index], response);
            }

            return;
        }

        var error = result.Error!;
        foreach (var entry in ready)
        {
            if (result.Execution == ExecutionStatus.Unknown)
            {
                _outcomes.LoseSight(entry, error, reply: null);
            }
            else if (entry.MayHaveWorked || _call.RepeatsUnresolved)
            {
                // What was refused is the repeat; of the send before it that says nothing.
                _outcomes.LoseSight(entry, entry.Error ?? error, reply: null);
            }
            else
            {
                _outcomes.Know(entry, new Verdict(ExecutionStatus.NotExecuted, null, error, "the batch was refused"));
            }
        }
    }

    private bool IsOvertaken(BatchEntry entry) => _call.Application.IsOvertaken(OrderName.Of(entry.Operation));

    private void LeaveNewerOrder(BatchEntry entry)
    {
        var error = LocalErrors.ToError(LocalErrors.NewerOrderPlaced, message: entry.ToString());
        if (entry.MayHaveWorked || _call.RepeatsUnresolved)
        {
            _outcomes.LoseSight(entry, error with { Execution = ExecutionStatus.Unknown }, reply: null);
        }
        else
        {
            _outcomes.Know(entry, new Verdict(ExecutionStatus.NotExecuted, null, error, "a newer order has its id"));
        }
    }

    /// <summary>A batch that its caller has signed is sent whole or not at all.</summary>
    private async Task LeaveUnsentAsync(List<BatchEntry> ready)
    {
        var error = LocalErrors.ToError(LocalErrors.BatchNotDivisible);
        try
        {
            if (!await _lifecycle.AskJournalAsync().ConfigureAwait(false))
            {
                error = LocalErrors.MayBeAnEarlierRuns(error);
            }
        }
        catch (JournalConflictException standing)
        {
            await _claims.MeetAsync(standing).ConfigureAwait(false);
            return;
        }

        foreach (var entry in ready)
        {
            if (entry.MayHaveWorked)
            {
                entry.State = BatchEntryState.Unknown;
            }
            else
            {
                _claims.Refuse(entry, error);
            }
        }
    }
}
