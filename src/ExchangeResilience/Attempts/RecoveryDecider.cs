using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>Decides what follows a failed attempt, and says so in report, log, metrics and trace.</summary>
internal readonly struct RecoveryDecider(Call call)
{
    // Below this, an exponent would overflow long before a row's attempts are spent.
    private const int LargestExponent = 16;

    private ExchangeServices Services => call.Client.Services;

    public Decision Decide(in AttemptOutcome outcome)
    {
        if (outcome.Failure is not { } failure)
        {
            return default;
        }

        var decision = Decision.After(Describe(failure));
        Remember(failure);
        var next = DecisionSentence.Of(
            decision, call.Attempts, RetriesAfter(failure), failure.ClosedLane, failure.LaneOpensIn,
            canAsk: call.Claims.Count == 0 ? call.Client.CanLookUp(call.Route) : call.Claims.Any(static claim => claim.Origin.CanAsk));
        call.Report.AddFailure(call.Attempts, failure.Error);
        call.Report.Add(RecoveryStepKind.Decided, next);
        call.Report.LastReason = decision.Reason;
        Services.Metrics.Error(failure.Error, decision.Action);
        Services.Decisions.Add(new DecisionRecord(call.Operation.Endpoint, call.Operation.ClientOrderId, failure.Error, decision, next, call.Attempts)
        {
            Report = call.Report,
            RefusedBy = failure.RefusedBy,
            Environment = call.Route.Environment,
        });
        if (decision.Delay > TimeSpan.Zero)
        {
            Services.Metrics.BackedOff(decision.Delay, decision.Reason);
        }

        CallTrace.Decided(decision.Action, decision.Reason, decision.Delay);
        WriteLog(failure, decision, next);

        // What is sent again must not keep the losing reply alive.
        if (decision.Action == DecisionAction.Retry)
        {
            failure.Response?.Dispose();
        }

        return decision;
    }

    // What closed a lane was logged when it did, and a call that waits for one is logged by the gate.
    private void WriteLog(AttemptFailure failure, in Decision decision, string next)
    {
        var error = failure.Error;
        var label = ErrorLabel.Of(error);
        var (trouble, outcome) = (Wording.Of(error), MayBeSentBefore(error) ? "nothing sent by this call" : Wording.Of(error.Execution));
        var level = failure.LaneOpensIn > TimeSpan.Zero || failure.RefusedBy != RefusalReason.None ? LogLevel.Debug : LogLevel.Information;
        if (decision.Action is DecisionAction.Return or DecisionAction.Throw)
        {
            var more = default(MoreAlike);
            if (level == LogLevel.Information && error.Execution == ExecutionStatus.NotExecuted && !call.Client.Refusals.IsNews(error, out more))
            {
                level = LogLevel.Debug;
            }

            Log.GivenUp(
                Services.Logger, level, label, call.Operation, trouble, outcome, next, call.Client.Name, call.Operation.ClientOrderId ?? Log.NoId, more,
                error.Category, error.Execution, decision.Action, decision.Reason, call.Attempts);
        }
        else
        {
            Log.Recovering(
                Services.Logger, level, label, call.Operation, trouble, outcome, next, call.Client.Name, call.Operation.ClientOrderId ?? Log.NoId,
                error.Category, error.Execution, decision.Action, decision.Reason, call.Attempts, decision.Delay.TotalMilliseconds);
        }
    }

    /// <summary>An earlier run may have sent the order: its call reads the journal before it answers the caller.</summary>
    private bool MayBeSentBefore(ExchangeError error) =>
        error.Execution == ExecutionStatus.NotExecuted && call.MayBeAnEarlierRuns && call.Claims.Any(static claim => claim is { IsNewToJournal: false, Operation.IdIsGenerated: false });

    private void Remember(AttemptFailure failure)
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

    private int RetriesAfter(AttemptFailure failure) => Decision.AttemptsAllowed(call.Operation.Kind, failure.Error.Execution, failure.Row) - 1;

    private DecisionInput Describe(AttemptFailure failure) => new()
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
        PlaceInDoubt = call.Operation.Kind == OperationKind.Cancel && new CancelResolver(call).PlaceOf(call.Operation) is not null,
        PlacedSince = call.MayCancelNewerOrder,
        LaneOpensIn = failure.LaneOpensIn,
        AskedToWait = failure.AskedToWait,
        Backoff = failure.Error.Execution == ExecutionStatus.Unknown && call is { Attempts: 1, Operation.Kind: OperationKind.Cancel } ? TimeSpan.Zero : Backoff(failure.Row),
        TimeLeft = call.WaitLeft,
    };

    // Full jitter over the upper half: spreads callers apart without ever halving the row's intent.
    private TimeSpan Backoff(PolicyRow row)
    {
        var capped = TimeSpan.Min(row.BaseDelay * Math.Pow(2, Math.Min(call.Attempts - 1, LargestExponent)), row.MaxDelay);
        return capped * (0.5 + (Services.Random.Next() / 2));
    }
}
