using System.Runtime.CompilerServices;

namespace ExchangeResilience;

/// <summary>A place or amend: it leaves only under a claim, and every send of the same order gets the same verdict.</summary>
internal sealed class ClaimedCall(Call call, CallRunner runner)
{
    private readonly ClaimLifecycle _lifecycle = new(call);

    // Made where one is needed: most orders leave.
    private ClaimRefusals Refusals => new(call, _lifecycle);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<HttpResponseMessage> RunAsync()
    {
        var what = call.Operation.TargetId!;
        while (true)
        {
            var grant = await _lifecycle.TryClaimAsync(call.Operation).ConfigureAwait(false);
            switch (grant.Answer)
            {
                case ClaimAnswer.Go when await OwnAsync(grant.Claim!).ConfigureAwait(false) is { } response:
                    return response;
                case ClaimAnswer.Join when await JoinAsync(grant.Claim!).ConfigureAwait(false) is { } response:
                    return response;
                case ClaimAnswer.Go or ClaimAnswer.Join:
                    continue;
                case ClaimAnswer.Serialise when await _lifecycle.EndsInTimeAsync(grant.Claim!, call.Operation).ConfigureAwait(false):
                    continue;
                case ClaimAnswer.Serialise:
                    throw await Refusals.OfBlockedAsync(grant.Claim!, call.Operation, what).ConfigureAwait(false);
                default:
                    throw (await Refusals.OfAsync(grant, call.Operation, what).ConfigureAwait(false))!;
            }
        }
    }

    /// <summary>Null where the journal had the order, and the process that was to send it has given up meanwhile.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<HttpResponseMessage?> OwnAsync(Claim claim)
    {
        call.Claims = [claim];
        try
        {
            var result = await runner.RunAsync(call).ConfigureAwait(false);

            // Proven absent and sent again, it goes on under another claim.
            claim = call.Claim!;
            if (result.Execution == ExecutionStatus.NotExecuted && !await _lifecycle.AskJournalAsync().ConfigureAwait(false))
            {
                _lifecycle.Release(claim);
                throw _lifecycle.Refused(LocalErrors.MayBeAnEarlierRuns(result.Error!), "the journal could not be asked for it");
            }

            var truth = Conclude(claim, result);
            if (truth is null)
            {
                return result.Deliver();
            }

            if (truth.Execution == result.Execution)
            {
                return Answered(result, claim);
            }

            result.Response?.Dispose();
            return Answered(_lifecycle.ResultOf(truth), claim);
        }
        catch (OperationCanceledException cancelled) when (call.CancellationToken.IsCancellationRequested)
        {
            _lifecycle.Abandon(call.Claim!);
            throw call.Cancelled(call.Claim!.DidNothing ? ExecutionStatus.NotExecuted : ExecutionStatus.Unknown, cancelled);
        }
        catch (JournalConflictException standing)
        {
            return await MeetAsync(standing.Orders[0].Claim, standing.Orders[0].Entry).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not ExchangeErrorException)
        {
            // A fault of ours or of a handler below must not free the order to be sent again.
            _lifecycle.Abandon(call.Claim!);
            throw;
        }
    }

    /// <summary>What is known of the order once the call has ended: evidence may have come before its own result. Null while nothing is.</summary>
    private Verdict? Conclude(Claim claim, CallResult result)
    {
        if (result.Execution == ExecutionStatus.Unknown)
        {
            _lifecycle.MarkInDoubt(claim, result.Error!);
            return claim.Outcome;
        }

        var evidence = call.HasReport ? call.Report.Evidence : null;
        return _lifecycle.Settle(claim, result.ToVerdict(evidence ?? "its own reply"));
    }

    /// <summary>The journal has the order from an earlier run, or another process: this call gets the verdict on that one, unless it is another order by now.</summary>
    private async Task<HttpResponseMessage?> MeetAsync(Claim claim, JournalEntry entry)
    {
        (var standing, claim) = await _lifecycle.ResolveConflictAsync(claim, entry).ConfigureAwait(false);
        return standing switch
        {
            JournalConflict.IsAnother => await OwnAsync(claim).ConfigureAwait(false),
            JournalConflict.HasId or JournalConflict.IsUnclear or JournalConflict.IsOfUnknownAge => throw await Refusals.OfConflictAsync(standing, call.Operation, claim.Key.Id).ConfigureAwait(false),
            _ => await JoinAsync(claim).ConfigureAwait(false),
        };
    }

    /// <summary>Null where the call that was to send the order has given up meanwhile.</summary>
    private async Task<HttpResponseMessage?> JoinAsync(Claim claim)
    {
        var isUnderWay = !claim.IsSettled;
        Verdict? verdict;
        try
        {
            (verdict, claim) = await _lifecycle.AwaitAsync(claim).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled)
        {
            throw call.Cancelled(ExecutionStatus.Unknown, cancelled);
        }

        if (verdict is null)
        {
            var unknown = (claim.LastError ?? LocalErrors.ConnectionLost()) with { Execution = ExecutionStatus.Unknown };
            throw _lifecycle.Thrown(unknown, claim.Origin.CanAsk ? "the order is still in doubt; the search goes on in the background" : "the order is still in doubt, and without its key the exchange cannot be asked");
        }

        if (verdict.WasNeverSent)
        {
            return isUnderWay ? null : throw await Refusals.OfNewAsync(LocalErrors.Abandoned, call.Operation, call.Operation.TargetId!, claim).ConfigureAwait(false);
        }

        return Answered(_lifecycle.ResultOf(verdict), claim);
    }

    /// <summary>The response or exception that carries a claim's verdict is noted for the application's call, which knows by it that its caller has it.</summary>
    private HttpResponseMessage Answered(in CallResult said, Claim claim)
    {
        call.Client.Services.Claims.Tell(call.Application, said.Response ?? (object)said.Exception!, claim);
        return said.Deliver();
    }
}
