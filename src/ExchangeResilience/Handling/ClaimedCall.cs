namespace ExchangeResilience;

/// <summary>A place or amend: it leaves only under a claim, and every send of the same order gets the same verdict.</summary>
internal sealed class ClaimedCall(Call call, ExchangeErrorHandler handler)
{
    private readonly ExchangeState _state = call.Client.State;
    private readonly ClaimKeeping _keeping = new(call);

    public async Task<HttpResponseMessage> RunAsync()
    {
        var what = call.Operation.TargetId!;
        while (true)
        {
            var grant = await _keeping.TryClaimAsync(call.Operation).ConfigureAwait(false);
            switch (grant.Answer)
            {
                case ClaimAnswer.Go:
                    return await OwnAsync(grant.Claim!).ConfigureAwait(false);
                case ClaimAnswer.Join:
                    return await JoinAsync(grant.Claim!).ConfigureAwait(false);
                case ClaimAnswer.Serialise when await _keeping.EndsInTimeAsync(grant.Claim!).ConfigureAwait(false):
                    continue;
                case ClaimAnswer.Serialise:
                    throw await _keeping.RefusalOfNewAsync(call.Operation.Kind == OperationKind.Amend ? LocalErrors.AmendmentUnderWay : LocalErrors.CancelledInDoubt, call.Operation, what).ConfigureAwait(false);
                default:
                    throw (await _keeping.RefusalOfAsync(grant, call.Operation, what).ConfigureAwait(false))!;
            }
        }
    }

    private async Task<HttpResponseMessage> OwnAsync(Claim claim)
    {
        call.Claims = [claim];
        try
        {
            var result = await handler.RunAsync(call).ConfigureAwait(false);

            // Proven absent and sent again, it goes on under another claim.
            claim = call.Claim!;
            if (result.Execution == ExecutionStatus.NotExecuted && !await _keeping.AskJournalAsync().ConfigureAwait(false))
            {
                _keeping.Release(claim);
                throw _keeping.Thrown(LocalErrors.MayBeAnEarlierRuns(result.Error!), "the journal could not be asked for it");
            }

            var truth = Conclude(claim, result);
            if (truth is null)
            {
                return result.Deliver();
            }

            if (truth.Execution == result.Execution)
            {
                return Answered(result.Deliver, claim);
            }

            result.Response?.Dispose();
            return Answered(() => _keeping.Deliver(truth), claim);
        }
        catch (OperationCanceledException cancelled) when (call.CancellationToken.IsCancellationRequested)
        {
            _keeping.Abandon(call.Claim!);
            throw ExchangeErrorHandler.Cancelled(call, call.Claim!.DidNothing ? ExecutionStatus.NotExecuted : ExecutionStatus.Unknown, cancelled);
        }
        catch (OrderStandsException standing)
        {
            return await MeetAsync(standing.Orders[0].Claim, standing.Orders[0].Entry).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not ExchangeErrorException)
        {
            // A fault of ours or of a handler below must not free the order to be sent again.
            _keeping.Abandon(call.Claim!);
            throw;
        }
    }

    /// <summary>What is known of the order once the call has ended: evidence may have come before its own result. Null while nothing is.</summary>
    private Verdict? Conclude(Claim claim, CallResult result)
    {
        if (result.Execution == ExecutionStatus.Unknown)
        {
            _keeping.Doubt(claim, result.Error!);
            return claim.Outcome;
        }

        var evidence = call.HasReport ? call.Report.Evidence : null;
        return _keeping.Settle(claim, result.ToVerdict(evidence ?? "its own reply"));
    }

    /// <summary>The journal has the order from an earlier run, or another process: this call gets the verdict on that one, unless it is another order by now.</summary>
    private async Task<HttpResponseMessage> MeetAsync(Claim claim, JournalEntry entry)
    {
        (var standing, claim) = await _keeping.MeetAsync(claim, entry).ConfigureAwait(false);
        return standing switch
        {
            StandingOrder.IsAnother => await OwnAsync(claim).ConfigureAwait(false),
            StandingOrder.HasId or StandingOrder.IsUnclear or StandingOrder.IsOfUnknownAge => throw _keeping.Refusal(ClaimKeeping.WhyNot(standing), claim.Key.Id),
            _ => await JoinAsync(claim).ConfigureAwait(false),
        };
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
            throw _keeping.Thrown(unknown, claim.Origin.CanAsk ? "the order is still in doubt; the search goes on in the background" : "the order is still in doubt, and without its key nobody can be asked");
        }
        catch (OperationCanceledException cancelled)
        {
            throw ExchangeErrorHandler.Cancelled(call, ExecutionStatus.Unknown, cancelled);
        }

        return Answered(() => _keeping.Deliver(verdict), claim);
    }

    /// <summary>What tells of a claim's verdict is noted for the application's call, which knows by it that it was told.</summary>
    private HttpResponseMessage Answered(Func<HttpResponseMessage> deliver, Claim claim)
    {
        try
        {
            var response = deliver();
            _state.Claims.Tell(call.Application, response, claim);
            return response;
        }
        catch (ExchangeErrorException thrown)
        {
            _state.Claims.Tell(call.Application, thrown, claim);
            throw;
        }
    }
}
