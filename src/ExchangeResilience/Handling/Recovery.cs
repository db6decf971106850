using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>What follows a failed first attempt: decide, act, and decide again until there is something to hand to the caller.</summary>
internal sealed class Recovery(Call call, AttemptSender sender, SendInner send)
{
    // Below this, an exponent would overflow long before a row's attempts are spent.
    private const int LargestExponent = 16;

    private readonly ExchangeState _state = call.Client.State;

    private CancelResolver Cancels => field ??= new CancelResolver(call);

    private ClaimKeeping Keeping => new(call);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<CallResult> RunAsync(AttemptOutcome outcome)
    {
        var decision = Decide(outcome);
        while (outcome.Failure is { } failure)
        {
            switch (decision.Action)
            {
                case DecisionAction.Retry:
                    (outcome, decision) = await _state.Pacing.RunAsync(this, new RetryPacing.Paced(outcome, decision), call.CancellationToken).ConfigureAwait(false);
                    continue;

                case DecisionAction.Resync when await MeasureClockAsync(failure, decision.Delay).ConfigureAwait(false):
                    failure.Response?.Dispose();
                    outcome = await sender.SendAsync(call, send).ConfigureAwait(false);
                    break;

                // The items of a batch have fates of their own, so whoever holds their claims finds out for each.
                case DecisionAction.Reconcile when call.Operation.Endpoint.IsBatch:
                    failure.Response?.Dispose();
                    return new CallResult(null, null, ExecutionStatus.Unknown, failure.Error with { Execution = ExecutionStatus.Unknown }, null);

                case DecisionAction.Reconcile:
                    if (await ReconcileAsync(failure).ConfigureAwait(false) is { } settled)
                    {
                        return settled;
                    }

                    outcome = await sender.SendAsync(call, send).ConfigureAwait(false);
                    break;

                case DecisionAction.AwaitPlace:
                    switch (await Cancels.AwaitPlaceAsync(call.Operation).ConfigureAwait(false))
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

                case DecisionAction.ConsultHistory:
                    return await ConsultHistoryAsync(failure).ConfigureAwait(false);

                case DecisionAction.ConfirmCancel:
                    return await ConfirmCancelAsync(failure).ConfigureAwait(false);

                case DecisionAction.ReturnAsSuccess:
                    return AsSuccess(failure);

                default:
                    if (!await MayStandAsync(failure).ConfigureAwait(false))
                    {
                        if (call.Operation.Kind == OperationKind.Cancel && (failure.Error.Execution == ExecutionStatus.Unknown || call.IsUnresolved))
                        {
                            await Cancels.KeepIfInDoubtAsync(call.Operation).ConfigureAwait(false);
                        }

                        return GiveUp(failure, decision);
                    }

                    failure.Response?.Dispose();
                    (outcome, decision) = (new AttemptOutcome(null, call.Sentence!.Doubted(), null), decision with { Action = DecisionAction.Reconcile });
                    continue;
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
        Remember(failure);
        var next = DecisionSentence.Of(decision, call.Attempts, RetriesAfter(failure), failure.ClosedLane, failure.LaneOpensIn);
        call.Report.AddFailure(call.Attempts, failure.Error);
        call.Report.Add(RecoveryStepKind.Decided, next);
        call.Report.LastReason = decision.Reason;
        _state.Metrics.Error(failure.Error, decision.Action);
        _state.Decisions.Add(call, failure.Error, decision);
        if (decision.Delay > TimeSpan.Zero)
        {
            _state.Metrics.BackedOff(decision.Delay, decision.Reason);
        }

        CallTrace.Decided(decision.Action, decision.Reason, decision.Delay);
        Tell(failure, decision, next);

        // What is sent again must not keep the losing reply alive.
        if (decision.Action == DecisionAction.Retry)
        {
            failure.Response?.Dispose();
        }

        return decision;
    }

    // What closed a lane was told when it did, and who stands before one was told by the gate.
    private void Tell(Failure failure, in Decision decision, string next)
    {
        var error = failure.Error;
        var label = ErrorLabel.Of(error);
        var (trouble, outcome) = (Wording.Of(error.Category), Wording.Of(error.Execution));
        var level = failure.LaneOpensIn > TimeSpan.Zero || failure.RefusedBy != RefusalReason.None ? LogLevel.Debug : LogLevel.Information;
        if (decision.Action is DecisionAction.Return or DecisionAction.Throw)
        {
            Log.GivenUp(
                _state.Logger, level, label, call.Operation, trouble, outcome, next,
                error.Category, error.Execution, decision.Action, decision.Reason, call.Attempts);
        }
        else
        {
            Log.Recovering(
                _state.Logger, level, label, call.Operation, trouble, outcome, next,
                error.Category, error.Execution, decision.Action, decision.Reason, call.Attempts, decision.Delay.TotalMilliseconds);
        }
    }

    private void Remember(Failure failure)
    {
        var isUnknown = failure.Error.Execution == ExecutionStatus.Unknown;
        call.IsUnresolved |= isUnknown;
        if (isUnknown)
        {
            call.NoteUnresolved();
        }

        call.AnAttemptMayHaveWorked |= isUnknown || failure.IsMereSentence;
        if (failure.IsMereSentence && call.Claims.Count > 0)
        {
            call.Sentence = failure;
        }
    }

    /// <summary>
    /// A caller who is told that it failed sends it again. If the exchange's sentence was wrong, that buys twice, so the order is looked for first; but a row that fails fast hands
    /// out the sentence as it is.
    /// </summary>
    private async ValueTask<bool> MayStandAsync(Failure failure) =>
        call is { Sentence: not null, Options.Mode: HandlingMode.Enforce }
        && failure is { Error.Execution: ExecutionStatus.NotExecuted, Row.Action: not RecoveryAction.FailFast }
        && call.Claims.All(static claim => claim.Origin.CanAsk && !claim.IsSettled)
        && !await sender.IsNotThereAsync(call, call.TotalLeft).ConfigureAwait(false);

    private int RetriesAfter(Failure failure) => Decision.AttemptsAllowed(call.Operation.Kind, failure.Error.Execution, failure.Row) - 1;

    private Situation Describe(Failure failure) => new()
    {
        Kind = call.Operation.Kind,
        Category = failure.Error.Category,
        Execution = failure.Error.Execution,
        Row = failure.Row,
        Attempts = call.Attempts,
        Resyncs = call.Resyncs,
        MaxResyncs = call.Options.Clock.MaxResyncsPerCall,
        ClockIsConfirmed = call.ClockWasConfirmed && call.Route.Clock.Fits(failure.Date),
        HeldBack = failure.HeldBack,
        Observing = call.Options.Mode == HandlingMode.Observe,
        CanBeReconciled = call.Claims.Count > 0 || call.Addition is not null || call.Operation is { Kind: OperationKind.Cancel, Endpoint.EvidencePath: not null },
        CanBeLookedFor = call.Claims.Count > 0 && call.Claims.All(static claim => claim.Origin.CanAsk),
        IsMereSentence = failure.IsMereSentence,
        CanBeSignedAgain = call.Route.CanSign && call.Operation.Endpoint.Security == EndpointSecurity.Signature,
        EarlierAttemptMayHaveWorked = call.AnAttemptMayHaveWorked,
        PlaceInDoubt = call.Operation.Kind == OperationKind.Cancel && Cancels.PlaceOf(call.Operation) is not null,
        PlacedSince = call.MayCancelNewerOrder,
        LaneOpensIn = failure.LaneOpensIn,
        AskedToWait = failure.AskedToWait,
        Backoff = failure.Error.Execution == ExecutionStatus.Unknown && call is { Attempts: 1, Operation.Kind: OperationKind.Cancel } ? TimeSpan.Zero : Backoff(failure.Row),
        TimeLeft = call.WaitLeft,
    };

    // Full jitter over the upper half: spreads callers apart without ever halving the row's intent.
    private TimeSpan Backoff(PolicyRow row)
    {
        var exponential = row.BaseDelay * Math.Pow(2, Math.Min(call.Attempts - 1, LargestExponent));
        var capped = exponential < row.MaxDelay ? exponential : row.MaxDelay;
        return capped * (0.5 + (_state.Random.Next() / 2));
    }

    private async Task<bool> MeasureClockAsync(Failure failure, TimeSpan delay)
    {
        call.Resyncs++;
        await Task.Delay(delay, _state.Time, call.CancellationToken).ConfigureAwait(false);
        var clock = call.Route.Clock;
        var measured = await call.Client.TryHealAsync(call.Route, failure, call.Options.Clock, call.TotalLeft, call.CancellationToken).ConfigureAwait(false);
        call.ClockWasConfirmed = measured && clock.IsJustConfirmed(failure.Date);
        call.Report.Add(RecoveryStepKind.ClockMeasured, !measured ? "the clock could not be measured"
            : string.Create(CultureInfo.InvariantCulture, $"clock {(call.ClockWasConfirmed ? "confirmed" : "measured")}: offset {clock.Offset.TotalMilliseconds:0} ms"));
        return measured;
    }

    /// <summary>Null where the request provably did nothing and may be sent again.</summary>
    private async Task<CallResult?> ReconcileAsync(Failure failure)
    {
        var claim = call.Claim!;
        claim.IdIsTaken |= failure.Error.Category == ErrorCategory.DuplicateOrder;
        Keeping.Doubt(claim, failure.Error, failure.Snapshot);
        if (!claim.Origin.CanAsk && !claim.IsSettled)
        {
            call.Report.Add(RecoveryStepKind.Evidence, "without a key of this client's own nobody can be asked");
            return Thrown(failure, failure.Error with { Execution = ExecutionStatus.Unknown });
        }

        Verdict verdict;
        try
        {
            verdict = await claim.Verdict.WaitAsync(call.TotalLeft, _state.Time, call.CancellationToken).ConfigureAwait(false);
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

        call.IsUnresolved = false;
        if (call.Options.AfterProvenAbsent == AfterProvenAbsent.Resend && call.SendLeft > TimeSpan.Zero && claim.Cancel is null
            && Keeping.TryClaim(call.Operation) is { Answer: ClaimAnswer.Go, Claim: { } next })
        {
            call.Claims = [next];
            call.Sentence = null;
            failure.Response?.Dispose();
            return null;
        }

        // Whoever looks at the status alone must not take for a success what did not take effect.
        var error = LocalErrors.ProvenAbsent(failure.Error, verdict.Evidence);
        return failure.Snapshot is null ? Thrown(failure, error) : Hand(failure, error);
    }

    private async Task<CallResult> ConfirmCancelAsync(Failure failure)
    {
        var (order, execution) = await Cancels.LookUpAsync(call.Operation, call.IsUnresolved).ConfigureAwait(false);
        return execution switch
        {
            ExecutionStatus.Executed => Executed(new Verdict(ExecutionStatus.Executed, new ReplySnapshot(HttpStatusCode.OK, order!.Raw, "application/json"), null, call.Report.Evidence!), failure),
            ExecutionStatus.Unknown => Thrown(failure, CancelResolver.Told(failure.Error, order) with { Execution = ExecutionStatus.Unknown }),
            _ => Resolved(failure, CancelResolver.Told(failure.Error, order)),
        };
    }

    /// <summary>Looks for the record of an addition as long as the call lasts. Only a record that can be nobody else's proves anything, and its absence never does.</summary>
    private async Task<CallResult> ConsultHistoryAsync(Failure failure)
    {
        var addition = call.Addition!;
        var origin = call.Client.OriginOf(call.Route);
        var pause = call.Options.Reconciliation.FirstPause;
        var story = "no record of it was found in time";
        while (origin.CanAsk && addition.Window is { } window && call.TotalLeft > TimeSpan.Zero)
        {
            if (await AskHistoryAsync(origin, addition, window).ConfigureAwait(false) is { } records)
            {
                if (records.Count > 1)
                {
                    story = $"{records.Count} records agree with it, so none of them proves anything";
                    break;
                }

                if (records is [var only])
                {
                    if (_state.Additions.IsAlone(addition))
                    {
                        return Executed(new Verdict(ExecutionStatus.Executed, new ReplySnapshot(HttpStatusCode.OK, only.Raw, "application/json"), null, "the exchange's history holds its record, and no other that could be"), failure);
                    }

                    story = "a record agrees with it, but also with an equal request of this process";
                    break;
                }
            }

            await Task.Delay(pause < call.TotalLeft ? pause : call.TotalLeft, _state.Time, call.CancellationToken).ConfigureAwait(false);
            pause = pause * 2 < call.Options.Reconciliation.MaxPause ? pause * 2 : call.Options.Reconciliation.MaxPause;
        }

        call.Report.Add(RecoveryStepKind.Evidence, origin.CanAsk ? story : "without a key of this client's own nobody can be asked");
        return Thrown(failure, failure.Error with { Execution = ExecutionStatus.Unknown });
    }

    private async Task<IReadOnlyList<HistoryRecord>?> AskHistoryAsync(ClaimOrigin origin, Addition addition, AttemptWindow window)
    {
        try
        {
            var answer = await _state.Reconciler.Questions.HistoryAsync(origin, addition.Operation, window.OpensMs, call.CancellationToken)
                .WaitAsync(call.TotalLeft, _state.Time, call.CancellationToken).ConfigureAwait(false);
            return answer.Error is null ? HistoryRecord.ReadMatching(answer.Body, addition.Operation, window) : null;
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private CallResult Resolved(Failure failure, ExchangeError error)
    {
        call.IsUnresolved = false;
        return Hand(failure, error);
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
        response.ReasonPhrase = null;
        ResponseAnnotations.Of(response).Report = call.Report.Build(call, ExecutionStatus.Executed);
        return new CallResult(response, null, ExecutionStatus.Executed, null, failure.Body);
    }

    // A refusal is about its own attempt. An earlier one that nobody answered may have worked, and may even be why this one is refused.
    private CallResult GiveUp(Failure failure, Decision decision)
    {
        var error = failure.Error.Category == ErrorCategory.ClockSkew && call.ClockWasConfirmed ? LocalErrors.ClockAgrees(failure.Error) : failure.Error;
        if (call.IsUnresolved && call.Operation.Endpoint.IsMutation)
        {
            error = LocalErrors.EarlierInDoubt(error);
        }

        return decision.Action == DecisionAction.Throw ? Thrown(failure, error) : Hand(failure, error);
    }

    /// <summary>A known error: the reply where there is one, else an exception.</summary>
    private CallResult Hand(Failure failure, ExchangeError error)
    {
        if (failure.Response is not { } response || (call.Options.Mode == HandlingMode.Enforce && (call.Options.ThrowOnError || (error.Execution == ExecutionStatus.Unknown && call.Operation.Endpoint.IsMutation))))
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
}
