using System.Runtime.CompilerServices;

namespace ExchangeResilience;

/// <summary>Runs a call: clock, first attempt, and recovery where that fails. One for each handler.</summary>
internal sealed class CallRunner(ExchangeClient client, SendInner send)
{
    private readonly AttemptSender _sender = new(client.Services);

    private RetryPacing Pacing => field ??= new RetryPacing(client.Services.Time);

    /// <summary>First attempt as plain code; recovery only if it fails.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CallResult> RunAsync(Call call)
    {
        await SynchroniseAsync(call).ConfigureAwait(false);
        AskLimitsOnce(call);
        return await FinishAsync(call, await SendAsync(call).ConfigureAwait(false)).ConfigureAwait(false);
    }

    public ValueTask<AttemptOutcome> SendAsync(Call call) => _sender.SendAsync(call, send);

    /// <summary>What the first attempt has come to, as the caller gets it.</summary>
    public ValueTask<CallResult> FinishAsync(Call call, in AttemptOutcome outcome) => outcome.Failure is null
        ? new ValueTask<CallResult>(new CallResult(outcome.Response, null, ExecutionStatus.Executed, null, outcome.Body))
        : new Recovery(call, _sender, send, Pacing).RunAsync(outcome);

    /// <summary>The first signed call waits for one sample, but leaves itself time to be sent without; later measurements run in parallel to the calls.</summary>
    public ValueTask SynchroniseAsync(Call call)
    {
        var clock = call.Route.Clock;
        var isSigned = call.Route.CanSign && call.Operation.Endpoint.Security == EndpointSecurity.Signature;
        if (call.Options.Mode == HandlingMode.Observe || !(clock.IsContradicted || (isSigned && clock.NeedsSync(call.Options.Clock.ResyncInterval))))
        {
            return ValueTask.CompletedTask;
        }

        if (clock.IsSynchronised)
        {
            _ = client.RefineClockAsync(call.Route, call.Options.Clock);
            return ValueTask.CompletedTask;
        }

        if (clock.HasFailedLately)
        {
            return ValueTask.CompletedTask;
        }

        // No call waits for the clock longer than an order may: a cancel is no less urgent.
        var within = TimeSpan.Min(call.Options.SendBefore, call.SendLeft) / 2;
        return new ValueTask(client.TrySynchroniseAsync(call.Route, clock.Generation, call.Options.Clock, within, call.CancellationToken));
    }

    /// <summary>The exchange's limits are queried once, in parallel to the calls.</summary>
    public void AskLimitsOnce(Call call)
    {
        if (call.Options.Mode == HandlingMode.Enforce && call.Route.MayHaveKey && call.Route.Limits.ShouldAsk())
        {
            _ = AskLimitsAsync(call);
        }
    }

    private async Task AskLimitsAsync(Call call)
    {
        try
        {
            var answer = await client.Services.Channel.AskAsync(client.Name, HttpMethod.Get, new Uri(call.Route.Host, call.Options.Venue.LimitsPath), CancellationToken.None).ConfigureAwait(false);
            if (answer.Error is null && call.Route.Limits.Read(answer.Body.Span))
            {
                return;
            }

            call.Route.Limits.AskAgainLater();
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            Log.LimitsNotAsked(client.Services.Logger, call.Route.Environment, error.Message);
            call.Route.Limits.AskAgainLater();
        }
    }
}
