using System.Globalization;
using System.Net;

namespace ExchangeResilience;

/// <summary>What follows a failed first attempt: decide, act, and decide again until there is something to hand to the caller.</summary>
internal sealed class Recovery(Call call, AttemptSender sender, SendInner send)
{
    // Below this, an exponent would overflow long before a row's attempts are spent.
    private const int LargestExponent = 16;

    private readonly ExchangeState _state = call.Client.State;

    public async Task<CallResult> RunAsync(AttemptOutcome outcome)
    {
        var decision = Decide(outcome);
        while (outcome.Failure is { } failure)
        {
            switch (decision.Action)
            {
                case DecisionAction.Retry:
                    (outcome, decision) = await _state.Pacing.RunAsync(this, new RetryPacing.Paced(outcome, decision), call.CancellationToken).ConfigureAwait(false);
                    continue;

                case DecisionAction.Resync when await MeasureClockAsync(failure).ConfigureAwait(false):
                    failure.Response?.Dispose();
                    outcome = await sender.SendAsync(call, send).ConfigureAwait(false);
                    break;

                case DecisionAction.LookThenRetry:
                    switch (await _state.Reconciler.LookOnceAsync(call.Claim!, call.CancellationToken).ConfigureAwait(false))
                    {
                        case ({ } executed, _):
                            return Executed(executed, failure);
                        case (_, true):
                            decision = decision with { Action = DecisionAction.Retry };
                            continue;
                        default:
                            decision = new Decision(DecisionAction.Reconcile, DecisionReason.OutcomeUnknown);
                            continue;
                    }

                case DecisionAction.Reconcile:
                    if (await ReconcileAsync(failure).ConfigureAwait(false) is { } settled)
                    {
                        return settled;
                    }

                    outcome = await sender.SendAsync(call, send).ConfigureAwait(false);
                    break;

                case DecisionAction.AwaitPlace:
                    switch (await AwaitPlaceAsync().ConfigureAwait(false))
                    {
                        case ExecutionStatus.NotExecuted:
                            return Hand(failure, failure.Error);
                        case ExecutionStatus.Unknown:
                            return Thrown(failure, failure.Error with { Execution = ExecutionStatus.Unknown });
                        default:
                            failure.Response?.Dispose();
                            outcome = await sender.SendAsync(call, send).ConfigureAwait(false);
                            break;
                    }

                    break;

                case DecisionAction.ConfirmCancel:
                    return await ConfirmCancelAsync(failure).ConfigureAwait(false);

                case DecisionAction.ReturnAsSuccess:
                    return AsSuccess(failure);

                default:
                    return GiveUp(failure, decision);
            }

            decision = Decide(outcome);
        }

        return Succeeded(outcome);
    }

    /// <summary>One more send inside the pacing, and what is decided about it.</summary>
    public async ValueTask<RetryPacing.Paced> SendAgainAsync()
    {
        var outcome = await sender.SendAsync(call, send).ConfigureAwait(false);
        return new RetryPacing.Paced(outcome, Decide(outcome));
    }

    private Decision Decide(in AttemptOutcome outcome)
    {
        if (outcome.Failure is not { } failure)
        {
            return default;
        }

        var decision = Decision.After(Describe(failure));
        call.EarlierAttemptUnknown |= failure.Error.Execution == ExecutionStatus.Unknown;
        call.Report.Add(RecoveryStepKind.Failed, string.Create(CultureInfo.InvariantCulture, $"attempt {call.Attempts}: {failure.Error}"));
        call.Report.Add(RecoveryStepKind.Decided, Sentence(decision, failure));
        _state.Metrics.Error(failure.Error, decision.Action);
        if (decision.Action is DecisionAction.Return or DecisionAction.Throw)
        {
            Log.GivenUp(_state.Logger, failure.Error.Name, call.Operation, decision.Reason, call.Attempts);
        }
        else
        {
            _state.Metrics.Retry(decision.Reason);
            Log.Recovering(_state.Logger, failure.Error.Name, call.Operation, decision.Action, decision.Reason, call.Attempts, (long)decision.Delay.TotalMilliseconds);
        }

        // What is sent again must not keep the losing reply alive.
        if (decision.Action == DecisionAction.Retry)
        {
            failure.Response?.Dispose();
        }

        return decision;
    }

    private Situation Describe(Failure failure) => new()
    {
        Kind = call.Operation.Kind,
        Category = failure.Error.Category,
        Code = failure.Error.Code,
        Execution = failure.Error.Execution,
        Row = failure.Row,
        Attempts = call.Attempts,
        Resyncs = call.Resyncs,
        MaxResyncs = call.Options.Clock.MaxResyncsPerCall,
        HeldBack = failure.HeldBack,
        Observing = call.Options.Mode == HandlingMode.Observe || call.IsOwnQuestion,
        CanBeReconciled = call.Claim is not null || call.Operation is { Kind: OperationKind.Cancel, Endpoint.EvidencePath: not null },
        CanBeSignedAgain = call.Route.CanSign && call.Operation.Endpoint.Security == EndpointSecurity.Signed,
        EarlierAttemptUnknown = call.EarlierAttemptUnknown,
        PlaceInDoubt = PlaceOfThisCancel() is { State: ClaimState.InDoubt },
        PlacedSince = call.Operation.Kind == OperationKind.CancelAll && _state.Claims.PlacedSince(call.Route.Environment, call.Route.Account, call.Operation.Symbol, call.Started),
        LaneOpensIn = failure.LaneOpensIn,
        Backoff = call is { Attempts: 1, Operation.Kind: OperationKind.Cancel } ? TimeSpan.Zero : Backoff(failure.Row),
        TimeLeft = call.WaitLeft,
    };

    // Full jitter over the upper half: spreads callers apart without ever halving the row's intent.
    private TimeSpan Backoff(PolicyRow row)
    {
        var exponential = row.BaseDelay * Math.Pow(2, Math.Min(call.Attempts - 1, LargestExponent));
        var capped = exponential < row.MaxDelay ? exponential : row.MaxDelay;
        return capped * (0.5 + (_state.Random.Next() / 2));
    }

    private async Task<bool> MeasureClockAsync(Failure failure)
    {
        call.Resyncs++;
        var clock = call.Route.Clock;
        try
        {
            await call.Client.SynchroniseAsync(call.Route, failure.ClockGeneration, call.Options.Clock, call.CancellationToken).WaitAsync(call.TotalLeft, _state.Time, call.CancellationToken).ConfigureAwait(false);
            call.Report.Add(RecoveryStepKind.ClockMeasured, string.Create(CultureInfo.InvariantCulture, $"clock measured: offset {clock.Offset.TotalMilliseconds:0} ms"));
            return true;
        }
        catch (Exception error) when (error is TimeoutException or ClockNotMeasuredException or ClockSampleRefusedException)
        {
            call.Report.Add(RecoveryStepKind.ClockMeasured, "the clock could not be measured");
            return false;
        }
    }

    /// <summary>Null where the request provably did nothing and may be sent again.</summary>
    private async Task<CallResult?> ReconcileAsync(Failure failure)
    {
        var claim = call.Claim!;
        if (_state.Claims.MarkInDoubt(claim, failure.Error, failure.Snapshot))
        {
            _state.Reconciler.Search(claim, call.Options.Reconciliation);
        }

        if (!claim.Origin.CanAsk)
        {
            call.Report.Add(RecoveryStepKind.Evidence, "without a key of this client's own nobody can be asked");
            return Thrown(failure, failure.Error with { Execution = ExecutionStatus.Unknown });
        }

        Verdict verdict;
        try
        {
            verdict = await claim.Finding.WaitAsync(call.TotalLeft, _state.Time, call.CancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            call.Report.Add(RecoveryStepKind.Evidence, "no evidence in time; the search goes on in the background");
            return Thrown(failure, failure.Error with { Execution = ExecutionStatus.Unknown });
        }

        call.Report.Evidence = verdict.Evidence;
        call.Report.Add(RecoveryStepKind.Evidence, $"{verdict.Execution}: {verdict.Evidence}");
        if (verdict.Execution == ExecutionStatus.Executed)
        {
            return Executed(verdict, failure);
        }

        call.EarlierAttemptUnknown = false;
        if (call.Options.AfterProvenAbsent == AfterProvenAbsent.Resend && call.SendLeft > TimeSpan.Zero)
        {
            _state.Claims.Resume(claim);
            failure.Response?.Dispose();
            return null;
        }

        return Hand(failure, failure.Error with { Execution = ExecutionStatus.NotExecuted });
    }

    /// <summary>What became of the order a cancel names. While that is unknown, the cancel is kept and applied when the order appears.</summary>
    private async Task<ExecutionStatus> AwaitPlaceAsync()
    {
        if (PlaceOfThisCancel() is not { } place)
        {
            return ExecutionStatus.Executed;
        }

        try
        {
            var verdict = await place.Verdict.WaitAsync(call.TotalLeft, _state.Time, call.CancellationToken).ConfigureAwait(false);
            call.Report.Evidence = verdict.Evidence;
            call.Report.Add(RecoveryStepKind.Evidence, $"the order this cancel names: {verdict.Execution}, {verdict.Evidence}");
            return verdict.Execution;
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            place.CancelWanted = true;
            if (error is OperationCanceledException)
            {
                throw;
            }

            call.Report.Add(RecoveryStepKind.Evidence, "the order this cancel names is still in doubt; the cancel is kept and applied when it appears");
            return ExecutionStatus.Unknown;
        }
    }

    private Claim? PlaceOfThisCancel() =>
        call.Operation is { Kind: OperationKind.Cancel, Endpoint.IsBatch: false, ClientOrderId: { } id } && _state.Claims.InDoubtCount > 0
            ? _state.Claims.Find(new ClaimKey(call.Route.Environment, call.Route.Account, call.Operation.Symbol ?? "", OperationKind.Place, id))
            : null;

    private async Task<CallResult> ConfirmCancelAsync(Failure failure)
    {
        var answer = await new ExchangeQuestions(_state.Channel).OrderAsync(call.Client.OriginOf(call.Route), call.Operation, call.CancellationToken).ConfigureAwait(false);
        if (answer.Error is null && OrderEvidence.Read(answer.Body) is { } order)
        {
            call.Report.Evidence = $"the order is {order.Status}";
            call.Report.Add(RecoveryStepKind.Evidence, $"the order is {order.Status}");
            return string.Equals(order.Status, "CANCELED", StringComparison.Ordinal)
                ? Executed(new Verdict(ExecutionStatus.Executed, new ReplySnapshot(HttpStatusCode.OK, order.Raw, "application/json"), null, call.Report.Evidence), failure)
                : Hand(failure, failure.Error);
        }

        return ExchangeQuestions.SaysAbsent(answer) ? Hand(failure, failure.Error) : Thrown(failure, failure.Error with { Execution = ExecutionStatus.Unknown });
    }

    private CallResult Succeeded(in AttemptOutcome outcome)
    {
        call.Report.Add(RecoveryStepKind.Ended, string.Create(CultureInfo.InvariantCulture, $"attempt {call.Attempts}: {(int)outcome.Response!.StatusCode}, success"));
        ResponseAnnotations.Of(outcome.Response).Report = call.Report.Build(call, ExecutionStatus.Executed);
        return new CallResult(outcome.Response, null, ExecutionStatus.Executed, null, outcome.Body);
    }

    private CallResult Executed(Verdict verdict, Failure failure)
    {
        failure.Response?.Dispose();
        var response = verdict.Reply!.ToResponse(call.Request);
        call.Report.Evidence ??= verdict.Evidence;
        ResponseAnnotations.Of(response).Report = call.Report.Build(call, ExecutionStatus.Executed);
        return new CallResult(response, null, ExecutionStatus.Executed, null, verdict.Reply.Body);
    }

    // The exchange's own words stay in the body; the status tells what they amount to.
    private CallResult AsSuccess(Failure failure)
    {
        var response = failure.Response!;
        response.StatusCode = HttpStatusCode.OK;
        ResponseAnnotations.Of(response).Report = call.Report.Build(call, ExecutionStatus.Executed);
        return new CallResult(response, null, ExecutionStatus.Executed, null, failure.Body);
    }

    private CallResult GiveUp(Failure failure, Decision decision)
    {
        var error = failure.Error;
        if (call.EarlierAttemptUnknown && call.Operation.Endpoint.IsMutation && error.Execution == ExecutionStatus.NotExecuted && failure.HeldBack)
        {
            // The last attempt never left, but an earlier one may have taken effect.
            error = error with { Execution = ExecutionStatus.Unknown };
        }

        return decision.Action == DecisionAction.Throw && !(decision.Reason == DecisionReason.NeverRepeated && error.Execution == ExecutionStatus.NotExecuted)
            ? Thrown(failure, error)
            : Hand(failure, error);
    }

    /// <summary>A known error: the reply where there is one, else an exception.</summary>
    private CallResult Hand(Failure failure, ExchangeError error)
    {
        if (failure.Response is not { } response || (call.Options is { ThrowOnError: true, Mode: HandlingMode.Enforce }) || (error.Execution == ExecutionStatus.Unknown && call.Operation.Endpoint.IsMutation && call.Options.Mode == HandlingMode.Enforce))
        {
            return Thrown(failure, error);
        }

        var annotations = ResponseAnnotations.Of(response);
        annotations.Error = error;
        annotations.Report = call.Report.Build(call, error.Execution);
        return new CallResult(response, null, error.Execution, error, failure.Body);
    }

    private CallResult Thrown(Failure failure, ExchangeError error)
    {
        failure.Response?.Dispose();
        if (call.Options.Mode == HandlingMode.Observe && failure.Cause is { } cause)
        {
            return new CallResult(null, cause, error.Execution, error, null);
        }

        var report = call.Report.Build(call, error.Execution);
        return new CallResult(null, new ExchangeErrorException(ExchangeErrorException.Describe(error), error, report, failure.Cause), error.Execution, error, null);
    }

    private static string Sentence(Decision decision, Failure failure) => decision.Action switch
    {
        DecisionAction.Retry when failure.LaneOpensIn > TimeSpan.Zero => string.Create(CultureInfo.InvariantCulture, $"the {failure.ClosedLane} lane is closed for {failure.LaneOpensIn.TotalMilliseconds:0} ms; sent again when it opens"),
        DecisionAction.Retry => string.Create(CultureInfo.InvariantCulture, $"sent again in {decision.Delay.TotalMilliseconds:0} ms ({decision.Reason})"),
        DecisionAction.Resync => "the clock is measured, then the request is stamped, signed and sent again",
        DecisionAction.Reconcile => "the exchange is asked what happened before anything else",
        DecisionAction.LookThenRetry => "documented as failed; the order is looked for once before it is sent again",
        DecisionAction.AwaitPlace => "the order this cancel names is in doubt; its verdict is awaited",
        DecisionAction.ConfirmCancel => "the exchange is asked what became of the order",
        DecisionAction.ReturnAsSuccess => $"counts as a success ({decision.Reason})",
        _ => $"given to the caller ({decision.Reason})",
    };
}
