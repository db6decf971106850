namespace ExchangeResilience;

/// <summary>
/// A request that adds to a value and has no id. Within one call of the application it takes effect at most once: a repeat waits for the outcome of the send before it, and
/// leaves only where that provably did nothing.
/// </summary>
internal sealed class AdditiveCall(Call call, CallRunner runner)
{
    private readonly ExchangeServices _services = call.Client.Services;
    private readonly ClaimLifecycle _lifecycle = new(call);

    public async Task<HttpResponseMessage> RunAsync()
    {
        if (call.Application.IsClosed)
        {
            throw _lifecycle.Refusal(LocalErrors.Abandoned, call.Operation.Symbol ?? "");
        }

        while (true)
        {
            var addition = _services.Additions.Enter(call.Application, call.Route.Identity, call.Operation, out var isNew);
            if (isNew)
            {
                return await OwnAsync(addition).ConfigureAwait(false);
            }

            var earlier = await OutcomeOfAsync(addition).ConfigureAwait(false);
            switch (earlier.Execution)
            {
                case ExecutionStatus.Executed:
                    return _lifecycle.ResultOf(earlier).Deliver();
                case ExecutionStatus.NotExecuted:
                    continue;
                default:
                    throw _lifecycle.Refusal(LocalErrors.AdditionInDoubt, call.Operation.Symbol ?? "");
            }
        }
    }

    private async Task<HttpResponseMessage> OwnAsync(AdditiveRequest addition)
    {
        var verdict = new Verdict(ExecutionStatus.Unknown, null, null, "its call ended without a verdict");
        try
        {
            var result = await runner.RunAsync(call).ConfigureAwait(false);
            verdict = result.ToVerdict("its own reply");
            var response = result.Deliver();
            call.Application.Answer(response);
            return response;
        }
        catch (OperationCanceledException cancelled) when (call.CancellationToken.IsCancellationRequested)
        {
            throw call.Cancelled(call.MayHaveWorked ? ExecutionStatus.Unknown : ExecutionStatus.NotExecuted, cancelled);
        }
        finally
        {
            _services.Additions.Leave(addition, call.MayHaveWorked || verdict.Execution != ExecutionStatus.Unknown ? verdict : verdict with { Execution = ExecutionStatus.NotExecuted });
        }
    }

    private async Task<Verdict> OutcomeOfAsync(AdditiveRequest addition)
    {
        try
        {
            return await call.EndsWithinAsync(addition.Verdict, call.TotalLeft).ConfigureAwait(false)
                ? await addition.Verdict.ConfigureAwait(false)
                : new Verdict(ExecutionStatus.Unknown, null, null, "an equal request is in flight");
        }
        catch (OperationCanceledException cancelled)
        {
            throw call.Cancelled(ExecutionStatus.Unknown, cancelled);
        }
    }
}
