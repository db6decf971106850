namespace ExchangeResilience;

/// <summary>
/// A request that adds to a value and bears no id. Within one call of the application it takes effect at most once: a repeat waits for what became of the send before it, and
/// leaves only where that provably did nothing.
/// </summary>
internal sealed class AdditiveCall(Call call, ExchangeErrorHandler handler)
{
    private readonly ExchangeState _state = call.Client.State;
    private readonly ClaimKeeping _keeping = new(call);

    public async Task<HttpResponseMessage> RunAsync()
    {
        if (call.Application.IsClosed)
        {
            throw _keeping.Refusal(LocalErrors.Abandoned, call.Operation.Symbol ?? "");
        }

        while (true)
        {
            var addition = _state.Additions.Enter(call.Application, call.Route.Identity, call.Operation, out var isNew);
            if (isNew)
            {
                return await OwnAsync(addition).ConfigureAwait(false);
            }

            var earlier = await OutcomeOfAsync(addition).ConfigureAwait(false);
            switch (earlier.Execution)
            {
                case ExecutionStatus.Executed:
                    return _keeping.Deliver(earlier);
                case ExecutionStatus.NotExecuted:
                    continue;
                default:
                    throw _keeping.Refusal(LocalErrors.AdditionInDoubt, call.Operation.Symbol ?? "");
            }
        }
    }

    private async Task<HttpResponseMessage> OwnAsync(Addition addition)
    {
        var verdict = new Verdict(ExecutionStatus.Unknown, null, null, "its call ended without a verdict");
        try
        {
            var result = await handler.RunAsync(call).ConfigureAwait(false);
            verdict = result.ToVerdict("its own reply");
            var response = result.Deliver();
            call.Application.Answer(response);
            return response;
        }
        catch (OperationCanceledException cancelled) when (call.CancellationToken.IsCancellationRequested)
        {
            throw ExchangeErrorHandler.Cancelled(call, call.MayHaveWorked ? ExecutionStatus.Unknown : ExecutionStatus.NotExecuted, cancelled);
        }
        finally
        {
            _state.Additions.Leave(addition, call.MayHaveWorked || verdict.Execution != ExecutionStatus.Unknown ? verdict : verdict with { Execution = ExecutionStatus.NotExecuted });
        }
    }

    private async Task<Verdict> OutcomeOfAsync(Addition addition)
    {
        try
        {
            return await addition.Verdict.WaitAsync(call.TotalLeft, _state.Time, call.CancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new Verdict(ExecutionStatus.Unknown, null, null, "an equal request is under way");
        }
        catch (OperationCanceledException cancelled)
        {
            throw ExchangeErrorHandler.Cancelled(call, ExecutionStatus.Unknown, cancelled);
        }
    }
}
