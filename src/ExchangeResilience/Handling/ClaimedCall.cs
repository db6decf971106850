namespace ExchangeResilience;

/// <summary>A place or amend: it leaves only under a claim, and whoever means the same order gets the same verdict.</summary>
internal sealed class ClaimedCall(Call call, ExchangeErrorHandler handler)
{
    private readonly ExchangeState _state = call.Client.State;

    public async Task<HttpResponseMessage> RunAsync()
    {
        var operation = call.Operation;
        var key = new ClaimKey(call.Route.Environment, call.Route.Account, operation.Symbol ?? "", operation.Kind, operation.TargetId!);
        while (true)
        {
            var (answer, claim) = _state.Claims.TryClaim(key, operation, call.Client.OriginOf(call.Route), call.Options.Reconciliation);
            switch (answer)
            {
                case ClaimAnswer.Go:
                    return await OwnAsync(claim!).ConfigureAwait(false);
                case ClaimAnswer.Join:
                    return await JoinAsync(claim!).ConfigureAwait(false);
                case ClaimAnswer.Serialise when await EndsInTimeAsync(claim!).ConfigureAwait(false):
                    continue;
                case ClaimAnswer.Serialise:
                    throw Refusal(LocalErrors.AmendmentUnderWay, key.Id);
                case ClaimAnswer.TwinInDoubt:
                    throw Refusal(LocalErrors.TwinInDoubt, $"equal to {claim!.Key.Id}");
                case ClaimAnswer.TooManyInDoubt:
                    throw Refusal(LocalErrors.TooManyInDoubt, "");
                default:
                    throw Refusal(LocalErrors.OtherRequestHasId, key.Id);
            }
        }
    }

    private async Task<HttpResponseMessage> OwnAsync(Claim claim)
    {
        call.Claims = [claim];
        try
        {
            var result = await handler.RunAsync(call).ConfigureAwait(false);
            if (result.Execution == ExecutionStatus.Unknown)
            {
                Doubt(claim, result.Error!);
            }
            else
            {
                var evidence = call.HasReport ? call.Report.Evidence : null;
                _state.Claims.Settle(claim, result.ToVerdict(evidence ?? "its own reply"));
                Hear(claim);
                _state.Reconciler.ApplyKeptCancel(claim);
            }

            return result.Deliver();
        }
        catch (OperationCanceledException cancelled) when (call.CancellationToken.IsCancellationRequested)
        {
            if (call.MayHaveLeft)
            {
                Doubt(claim, LocalErrors.ConnectionLost());
                throw ExchangeErrorHandler.Cancelled(call, ExecutionStatus.Unknown, cancelled);
            }

            Release(claim);
            throw ExchangeErrorHandler.Cancelled(call, ExecutionStatus.NotExecuted, cancelled);
        }
        catch (OrderStandsException standing)
        {
            return await MeetAsync(claim, standing.Orders[0].Entry).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not ExchangeErrorException)
        {
            // A fault of ours or of a handler below must not free the order to be sent again.
            if (call.MayHaveLeft)
            {
                Doubt(claim, LocalErrors.ConnectionLost());
            }
            else
            {
                Release(claim);
            }

            throw;
        }
    }

    /// <summary>The journal has the order from an earlier run, or another process: this call gets the verdict on that one, unless it is another order by now.</summary>
    private async Task<HttpResponseMessage> MeetAsync(Claim claim, JournalEntry entry)
    {
        switch (JournalRules.Meet(entry, claim, call.Options.Reconciliation, _state.Time.GetUtcNow()))
        {
            case StandingOrder.IsAnother:
                claim.Unwrite();
                claim.Supersedes = entry.Id;
                return await OwnAsync(claim).ConfigureAwait(false);

            case StandingOrder.HasId:
                claim.Unwrite();
                Release(claim);
                throw Refusal(LocalErrors.OtherRequestHasId, claim.Key.Id);

            case StandingOrder.HasVerdict:
                claim.TakeOver(entry);
                _state.Claims.Settle(claim, JournalRules.VerdictOf(entry));
                Hear(claim);
                return Deliver(claim.Outcome!);

            default:
                _state.Claims.Adopt(claim, entry);
                _state.Reconciler.Search(claim, call.Options.Reconciliation);
                return await JoinAsync(claim).ConfigureAwait(false);
        }
    }

    private async Task<HttpResponseMessage> JoinAsync(Claim claim)
    {
        Verdict verdict;
        try
        {
            verdict = await claim.Verdict.WaitAsync(call.TotalLeft, _state.Time, call.CancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            var unknown = (claim.LastError ?? LocalErrors.ConnectionLost()) with { Execution = ExecutionStatus.Unknown };
            throw Thrown(unknown, "the order is still in doubt; the search goes on in the background");
        }
        catch (OperationCanceledException cancelled)
        {
            throw ExchangeErrorHandler.Cancelled(call, ExecutionStatus.Unknown, cancelled);
        }

        Hear(claim);
        return Deliver(verdict);
    }

    private HttpResponseMessage Deliver(Verdict verdict)
    {
        call.Report.Evidence = verdict.Evidence;
        call.Report.Add(RecoveryStepKind.Evidence, $"the same order was already under way: {verdict.Execution}, {verdict.Evidence}");
        if (verdict.Reply is null || (verdict.Error is not null && call.Options.ThrowOnError))
        {
            var error = verdict.Error ?? LocalErrors.ConnectionLost();
            throw new ExchangeErrorException(ExchangeErrorException.Describe(error), error, call.Report.Build(call, verdict.Execution));
        }

        var response = verdict.Reply.ToResponse(call.Request);
        var annotations = ResponseAnnotations.Of(response);
        annotations.Error = verdict.Error;
        annotations.Report = call.Report.Build(call, verdict.Execution);
        return response;
    }

    /// <summary>A verdict is on its way up. It has arrived when the outermost handler has it; where there is none, unless this call was cancelled.</summary>
    private void Hear(Claim claim)
    {
        if (_state.Hearing.Value is { } hearing)
        {
            hearing.Add(claim);
        }
        else if (call.CancellationToken.IsCancellationRequested)
        {
            _state.Claims.KeepUnheard(claim);
        }
        else
        {
            _state.Claims.End(claim);
        }
    }

    /// <summary>Nothing left, so there is nothing to hear.</summary>
    private void Release(Claim claim)
    {
        _state.Claims.Settle(claim, NeverSent());
        _state.Claims.End(claim);
    }

    /// <summary>The search for truth starts, or goes on without us.</summary>
    private void Doubt(Claim claim, ExchangeError error)
    {
        if (_state.Claims.MarkInDoubt(claim, error, reply: null))
        {
            _state.Reconciler.Search(claim, call.Options.Reconciliation);
        }

        _state.Claims.OwnerLeaves(claim);
    }

    private async Task<bool> EndsInTimeAsync(Claim claim)
    {
        try
        {
            await claim.Verdict.WaitAsync(call.SendLeft, _state.Time, call.CancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (OperationCanceledException cancelled)
        {
            throw ExchangeErrorHandler.Cancelled(call, ExecutionStatus.NotExecuted, cancelled);
        }
    }

    private static Verdict NeverSent() => new(ExecutionStatus.NotExecuted, null, LocalErrors.ToError(LocalErrors.Abandoned), "it was never sent");

    private ExchangeErrorException Refusal(ErrorDefinition definition, string message) => Thrown(LocalErrors.ToError(definition, message: message), "refused before it was sent");

    private ExchangeErrorException Thrown(ExchangeError error, string story)
    {
        call.Report.Add(RecoveryStepKind.Ended, story);
        return new ExchangeErrorException(ExchangeErrorException.Describe(error), error, call.Report.Build(call, error.Execution));
    }
}
