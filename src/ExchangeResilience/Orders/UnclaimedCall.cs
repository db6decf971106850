namespace ExchangeResilience;

/// <summary>A mutation that needs no claim: a cancel, a setting, a request to a path that no table lists.</summary>
internal sealed class UnclaimedCall(Call call, CallRunner runner)
{
    public async Task<HttpResponseMessage> RunAsync()
    {
        var cancels = new CancelResolver(call);
        try
        {
            var result = await runner.RunAsync(call).ConfigureAwait(false);
            await cancels.FollowAsync(result).ConfigureAwait(false);
            var response = result.Deliver();
            call.Application.Answer(response);
            return response;
        }
        catch (OperationCanceledException cancelled) when (call.CancellationToken.IsCancellationRequested)
        {
            if (call is { MayHaveWorked: true, Operation.Kind: OperationKind.CancelAll })
            {
                await cancels.KeepAsync(call.Application.UnderWay).ConfigureAwait(false);
            }

            if (!call.MayHaveWorked && !call.IsUnresolved)
            {
                throw call.Cancelled(ExecutionStatus.NotExecuted, cancelled);
            }

            call.NoteUnresolved();
            throw call.Cancelled(ExecutionStatus.Unknown, cancelled);
        }
    }
}
