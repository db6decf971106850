namespace ExchangeResilience;

/// <summary>A place or amend: it leaves only under a claim, and whoever means the same order gets the same verdict.</summary>
internal sealed class ClaimedCall(Call call, ExchangeErrorHandler handler)
{
    private readonly ExchangeState _state = call.Client.State;
    private readonly ClaimKeeping _keeping = new(call);

    public async Task<HttpResponseMessage> RunAsync()
    {
        var operation = call.Operation;
        var key = _keeping.KeyOf(operation);
        while (true)
        {
            var (answer, claim) = _state.Claims.TryClaim(key, operation, call.Client.OriginOf(call.Route), call.Options.Reconciliation);
            switch (answer)
            {
                case ClaimAnswer.Go when _keeping.ComesTooLate:
                    _keeping.Release(claim!);
                    throw _keeping.Refusal(LocalErrors.Abandoned, key.Id);
                case ClaimAnswer.Go:
                    return await OwnAsync(claim!).ConfigureAwait(false);
                case ClaimAnswer.Join:
                    return await JoinAsync(claim!).ConfigureAwait(false);
                case ClaimAnswer.Serialise when await _keeping.EndsInTimeAsync(claim!).ConfigureAwait(false):
                    continue;
                case ClaimAnswer.Serialise:
                    throw _keeping.Refusal(LocalErrors.AmendmentUnderWay, key.Id);
                case ClaimAnswer.TwinInDoubt:
                    throw _keeping.Refusal(LocalErrors.TwinInDoubt, $"equal to {claim!.Key.Id}");
                case ClaimAnswer.TooManyInDoubt:
                    throw _keeping.Refusal(LocalErrors.TooManyInDoubt, "");
                default:
                    throw _keeping.Refusal(LocalErrors.OtherRequestHasId, key.Id);
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
                _keeping.Doubt(claim, result.Error!);
            }
            else
            {
                var evidence = call.HasReport ? call.Report.Evidence : null;
                _keeping.Settle(claim, result.ToVerdict(evidence ?? "its own reply"));
            }

            return result.Deliver();
        }
        catch (OperationCanceledException cancelled) when (call.CancellationToken.IsCancellationRequested)
        {
            _keeping.Abandon(claim);
            throw ExchangeErrorHandler.Cancelled(call, call.MayHaveLeft ? ExecutionStatus.Unknown : ExecutionStatus.NotExecuted, cancelled);
        }
        catch (OrderStandsException standing)
        {
            return await MeetAsync(claim, standing.Orders[0].Entry).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not ExchangeErrorException)
        {
            // A fault of ours or of a handler below must not free the order to be sent again.
            _keeping.Abandon(claim);
            throw;
        }
    }

    /// <summary>The journal has the order from an earlier run, or another process: this call gets the verdict on that one, unless it is another order by now.</summary>
    private async Task<HttpResponseMessage> MeetAsync(Claim claim, JournalEntry entry)
    {
        switch (_keeping.Meet(claim, entry))
        {
            case StandingOrder.IsAnother:
                return await OwnAsync(claim).ConfigureAwait(false);

            case StandingOrder.HasId:
                throw _keeping.Refusal(LocalErrors.OtherRequestHasId, claim.Key.Id);

            case StandingOrder.HasVerdict:
                _keeping.Hear(claim);
                return Deliver(claim.Outcome!);

            default:
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
            throw _keeping.Thrown(unknown, "the order is still in doubt; the search goes on in the background");
        }
        catch (OperationCanceledException cancelled)
        {
            throw ExchangeErrorHandler.Cancelled(call, ExecutionStatus.Unknown, cancelled);
        }

        _keeping.Hear(claim);
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
}
