using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;

namespace ExchangeResilience;

/// <summary>What follows a failed first attempt: decide, act, and decide again until there is something to hand to the caller.</summary>
internal sealed class Recovery(Call call, AttemptSender sender, SendInner send, RetryPacing pacing)
{
    private CancelResolver Cancels => field ??= new CancelResolver(call);

    private RecoveryDecider Decider => new(call);

    private CallResults Results => new(call);

    private ClaimLifecycle Lifecycle => new(call);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CallResult> RunAsync(AttemptOutcome outcome)
    {
        var decision = Decider.Decide(outcome);
        while (outcome.Failure is { } failure)
        {
            if (decision.Action == DecisionAction.Retry)
            {
                (outcome, decision) = await pacing.RunAsync(new RetryPacing.Paced(outcome, decision), SendAgainAsync, call.CancellationToken).ConfigureAwait(false);
                continue;
            }

            if (await ActAsync(failure, decision).ConfigureAwait(false) is { } ended)
            {
                return ended;
            }

            failure.Response?.Dispose();
            (outcome, decision) = await SendAgainAsync().ConfigureAwait(false);
        }

        return Results.Succeeded(outcome);
    }

    /// <summary>One more send, and what is decided about it.</summary>
    private async ValueTask<RetryPacing.Paced> SendAgainAsync()
    {
        var outcome = await sender.SendAsync(call, send).ConfigureAwait(false);
        return new RetryPacing.Paced(outcome, Decider.Decide(outcome));
    }

    /// <summary>Does what was decided. Null where the request is sent again.</summary>
    private async ValueTask<CallResult?> ActAsync(AttemptFailure failure, Decision decision) => decision.Action switch
    {
        DecisionAction.Resync when await MeasureClockAsync(failure, decision.Delay).ConfigureAwait(false) => null,
        DecisionAction.Reconcile => await ReconcileAsync(failure).ConfigureAwait(false),
        DecisionAction.AwaitPlace => await AwaitPlaceAsync(failure).ConfigureAwait(false),
        DecisionAction.ConsultHistory => await new AdditionHistory(call, Results).ConsultAsync(failure).ConfigureAwait(false),
        DecisionAction.ConfirmCancel => await ConfirmCancelAsync(failure).ConfigureAwait(false),
        DecisionAction.ReturnAsSuccess => Results.AsSuccess(failure),
        _ => await GiveUpAsync(failure, decision).ConfigureAwait(false),
    };

    /// <summary>Hands out the failure, unless an order that the exchange said had failed may be there all the same.</summary>
    private async ValueTask<CallResult?> GiveUpAsync(AttemptFailure failure, Decision decision)
    {
        if (!await MayStandAsync(failure).ConfigureAwait(false))
        {
            if (call.Operation.Kind == OperationKind.Cancel && (failure.Error.Execution == ExecutionStatus.Unknown || call.IsUnresolved))
            {
                await Cancels.KeepIfInDoubtAsync(call.Operation).ConfigureAwait(false);
            }

            return Results.GiveUp(failure, decision);
        }

        failure.Response?.Dispose();
        return await ReconcileAsync(call.Sentence!.Doubted()).ConfigureAwait(false);
    }

    private async ValueTask<CallResult?> AwaitPlaceAsync(AttemptFailure failure) => await Cancels.AwaitPlaceAsync(call.Operation).ConfigureAwait(false) switch
    {
        ExecutionStatus.NotExecuted => Results.Hand(failure, failure.Error),
        ExecutionStatus.Unknown => Results.Thrown(failure, failure.Error with { Execution = ExecutionStatus.Unknown, Advice = Cancels.InDoubtAdvice }),
        _ => null,
    };

    /// <summary>
    /// A caller that gets the failure sends it again. If the exchange's sentence was wrong, that buys twice, so the order is looked for first; but a row that fails fast hands
    /// out the sentence as it is.
    /// </summary>
    private async ValueTask<bool> MayStandAsync(AttemptFailure failure) =>
        call is { Sentence: not null, Options.Mode: HandlingMode.Enforce }
        && failure is { Error.Execution: ExecutionStatus.NotExecuted, Row.Action: not RecoveryAction.FailFast }
        && call.Claims.All(static claim => claim.Origin.CanAsk && !claim.IsSettled)
        && !await sender.IsNotThereAsync(call, call.TotalLeft).ConfigureAwait(false);

    private async Task<bool> MeasureClockAsync(AttemptFailure failure, TimeSpan delay)
    {
        call.Resyncs++;
        await Task.Delay(delay, call.Client.Services.Time, call.CancellationToken).ConfigureAwait(false);
        var clock = call.Route.Clock;
        var measured = await call.Client.TryHealAsync(call.Route, failure.Date, failure.ClockGeneration, call.Options.Clock, call.TotalLeft, call.CancellationToken).ConfigureAwait(false);
        call.ClockWasConfirmed = measured && clock.IsJustConfirmed(failure.Date);
        call.Report.Add(RecoveryStepKind.ClockMeasured, !measured ? "the clock could not be measured"
            : string.Create(CultureInfo.InvariantCulture, $"clock {(call.ClockWasConfirmed ? "confirmed" : "measured")}: offset {clock.Offset.TotalMilliseconds:0} ms"));
        return measured;
    }

    /// <summary>Null where the request provably did nothing and may be sent again.</summary>
    private async Task<CallResult?> ReconcileAsync(AttemptFailure failure)
    {
        if (call.Operation.Endpoint.IsBatch)
        {
            // The items of a batch have outcomes of their own, which the batch finds out for each.
            failure.Response?.Dispose();
            return new CallResult(null, null, ExecutionStatus.Unknown, failure.Error with { Execution = ExecutionStatus.Unknown }, null);
        }

        var claim = call.Claim!;
        claim.IdIsTaken |= failure.Error.Category == ErrorCategory.DuplicateOrder;
        Lifecycle.MarkInDoubt(claim, failure.Error, failure.Snapshot);
        if (!claim.Origin.CanAsk && !claim.IsSettled)
        {
            call.Report.Add(RecoveryStepKind.Evidence, "without this client's own key it cannot be looked up at the exchange");
            return Results.Thrown(failure, failure.Error with { Execution = ExecutionStatus.Unknown });
        }

        if (!await call.EndsWithinAsync(claim.Verdict, call.TotalLeft).ConfigureAwait(false))
        {
            call.Report.Add(RecoveryStepKind.Evidence, "no evidence in time; the search goes on in the background");
            return Results.Thrown(failure, failure.Error with { Execution = ExecutionStatus.Unknown });
        }

        var verdict = await claim.Verdict.ConfigureAwait(false);

        call.Report.Evidence = verdict.Evidence;
        call.Report.Add(RecoveryStepKind.Evidence, $"{verdict.Execution}: {verdict.Evidence}");
        if (verdict.Execution == ExecutionStatus.Executed)
        {
            return Results.Executed(verdict, failure);
        }

        call.IsUnresolved = false;
        if (call.Options.AfterProvenAbsent == AfterProvenAbsent.Resend && call.SendLeft > TimeSpan.Zero && claim.Cancel is null && !verdict.IsByOperator
            && Lifecycle.TryClaim(call.Operation) is { Answer: ClaimAnswer.Go or ClaimAnswer.Join, Claim: { } next } again
            && next != claim)
        {
            call.Claims = [next];
            if (again.Answer == ClaimAnswer.Join)
            {
                return await TakenUpAsync(failure, next).ConfigureAwait(false);
            }

            call.Sentence = null;
            return null;
        }

        // A caller that looks at the status alone must not take for a success what did not take effect.
        var error = LocalErrors.ProvenAbsent(failure.Error, verdict.Evidence);
        return failure.Snapshot is null ? Results.Thrown(failure, error) : Results.Hand(failure, error);
    }

    /// <summary>Another call has sent the order since: what that brings is the outcome of this one.</summary>
    private async Task<CallResult> TakenUpAsync(AttemptFailure failure, Claim claim)
    {
        var (known, latest) = await Lifecycle.AwaitAsync(claim).ConfigureAwait(false);
        call.Claims = [latest];
        if (known is null)
        {
            call.Report.Add(RecoveryStepKind.Evidence, "another call has sent it since, and its outcome is not known yet");
            return Results.Thrown(failure, failure.Error with { Execution = ExecutionStatus.Unknown });
        }

        call.Report.Evidence = known.Evidence;
        call.Report.Add(RecoveryStepKind.Evidence, $"another call has sent it since: {known.Execution}, {known.Evidence}");
        return known.Execution == ExecutionStatus.Executed
            ? Results.Executed(known, failure)
            : Results.Thrown(failure, LocalErrors.ProvenAbsent(failure.Error, known.Evidence));
    }

    private async Task<CallResult> ConfirmCancelAsync(AttemptFailure failure)
    {
        var (order, execution) = await Cancels.LookUpAsync(call.Operation, call.IsUnresolved).ConfigureAwait(false);
        return execution switch
        {
            ExecutionStatus.Executed => Results.Executed(Verdict.OfOrder(order!, call.Report.Evidence!), failure),
            ExecutionStatus.Unknown => Results.Thrown(failure, CancelResolver.WithAdvice(failure.Error, order) with { Execution = ExecutionStatus.Unknown }),
            _ => Results.Resolved(failure, CancelResolver.WithAdvice(failure.Error, order)),
        };
    }
}
