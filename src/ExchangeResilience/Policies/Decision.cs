namespace ExchangeResilience;

/// <summary>What happens after a failed attempt: one pure, ordered function.</summary>
internal readonly record struct Decision(DecisionAction Action, DecisionReason Reason, TimeSpan Delay = default)
{
    // Rows have no say after an unknown, so they give no number of attempts either.
    private const int AttemptsOfRepeatable = 3;

    public static Decision After(in DecisionInput input) => input switch
    {
        { Observing: true } => new(DecisionAction.Return, DecisionReason.Observing),
        { HeldBack: true } => new(DecisionAction.Throw, DecisionReason.HeldBack),
        { Execution: ExecutionStatus.Unknown, Kind: not OperationKind.Query } => AfterUnknown(input),
        _ => AfterKnown(input),
    };

    /// <summary>Sends in all, the first included, where a failure is repeated at all.</summary>
    public static int AttemptsAllowed(OperationKind kind, ExecutionStatus execution, PolicyRow row) =>
        execution == ExecutionStatus.Unknown && kind != OperationKind.Query ? AttemptsOfRepeatable : row.MaxAttempts;

    // Rows have no say here: nothing that may have taken effect is sent again unless repeating it is harmless.
    private static Decision AfterUnknown(in DecisionInput input) => input.Kind switch
    {
        OperationKind.Place or OperationKind.Amend when input.CanBeReconciled => new(DecisionAction.Reconcile, DecisionReason.OutcomeUnknown),
        OperationKind.Additive when input.CanBeReconciled => new(DecisionAction.ConsultHistory, DecisionReason.HistoryMayTell),
        OperationKind.Setting or OperationKind.Cancel => Repeat(input, AttemptsOfRepeatable, DecisionReason.SafeToRepeat),
        OperationKind.CancelAll when input.PlacedSince => new(DecisionAction.Throw, DecisionReason.NewerOrderWouldBeCancelled),
        OperationKind.CancelAll => Repeat(input, AttemptsOfRepeatable, DecisionReason.SafeToRepeat),
        _ => new(DecisionAction.Throw, DecisionReason.NeverRepeated),
    };

    private static Decision AfterKnown(in DecisionInput input) => input switch
    {
        { Category: ErrorCategory.NoChangeNeeded, EarlierAttemptMayHaveWorked: true } => new(DecisionAction.ReturnAsSuccess, DecisionReason.WantedStateHolds),

        // The first to have the id may have been an earlier attempt of this very call, whatever reply that got.
        { Kind: OperationKind.Place or OperationKind.Amend, Category: ErrorCategory.DuplicateOrder, Attempts: > 1, CanBeReconciled: true } =>
            new(DecisionAction.Reconcile, DecisionReason.OwnResendMayHaveBeenFirst),
        { Kind: OperationKind.Cancel, Category: ErrorCategory.OrderNotFound, PlaceInDoubt: true } => new(DecisionAction.AwaitPlace, DecisionReason.PlaceStillInDoubt),

        // -2011 says that the order is not open, and not why: cancelled earlier, filled, expired or never placed.
        { Kind: OperationKind.Cancel, Category: ErrorCategory.OrderNotFound, CanBeReconciled: true } => new(DecisionAction.ConfirmCancel, DecisionReason.OrderIsNotOpen),
        { Kind: OperationKind.Additive, Category: ErrorCategory.Unavailable, IsMereSentence: true, CanBeReconciled: true } => new(DecisionAction.ConsultHistory, DecisionReason.HistoryMayTell),
        { Kind: OperationKind.Place or OperationKind.Amend, IsMereSentence: true } => AfterSentence(input),
        _ => ByRow(input),
    };

    // What is looked for right before it leaves again is not resent if it is there. It may be accepted a moment later all the same, as long as its window is open: that overload turns
    // away before anything is accepted is documented in detail and passes in fractions of a second, but an internal error (-1001) is called a failure in one short list alone.
    private static Decision AfterSentence(in DecisionInput input)
    {
        if (input is { Category: ErrorCategory.Unavailable, Row.Action: RecoveryAction.Retry or RecoveryAction.BackOff or RecoveryAction.Reconcile })
        {
            return input.CanBeReconciled ? new(DecisionAction.Reconcile, DecisionReason.DocumentedAsFailed) : new(DecisionAction.Return, DecisionReason.NeverRepeated);
        }

        var next = ByRow(input);
        return next.Action is DecisionAction.Retry or DecisionAction.Resync && !input.CanBeLookedFor ? new(DecisionAction.Return, DecisionReason.NeverRepeated) : next;
    }

    private static Decision ByRow(in DecisionInput input) => input.Row.Action switch
    {
        RecoveryAction.TreatAsSuccess => new(DecisionAction.ReturnAsSuccess, DecisionReason.PolicyTreatsAsSuccess),
        RecoveryAction.ResyncClock => AfterClockError(input),
        RecoveryAction.BackOff => Repeat(input, input.Row.MaxAttempts, input.LaneOpensIn > TimeSpan.Zero ? DecisionReason.LaneClosed : DecisionReason.PolicyRetries),
        RecoveryAction.Retry or RecoveryAction.Reconcile => Repeat(input, input.Row.MaxAttempts, DecisionReason.PolicyRetries),
        _ => new(DecisionAction.Return, DecisionReason.PolicyFailsFast),
    };

    private static Decision AfterClockError(in DecisionInput input) => input switch
    {
        { CanBeSignedAgain: false } => new(DecisionAction.Return, DecisionReason.ClockNotOurs),
        _ when input.ClockIsConfirmed || input.Resyncs >= input.MaxResyncs || input.Attempts >= input.Row.MaxAttempts => new(DecisionAction.Return, DecisionReason.ResyncsSpent),
        _ when input.TimeLeft > input.AskedToWait => new(DecisionAction.Resync, DecisionReason.ClockWrong, input.AskedToWait),
        _ => new(DecisionAction.Return, DecisionReason.WaitDoesNotFit),
    };

    private static Decision Repeat(in DecisionInput input, int attempts, DecisionReason reason)
    {
        // An unknown that is not to be repeated any more must not look like a known failure.
        var giveUp = input.Execution == ExecutionStatus.Unknown && input.Kind != OperationKind.Query ? DecisionAction.Throw : DecisionAction.Return;
        if (input.Kind is OperationKind.Heartbeat or OperationKind.Additive or OperationKind.Unclassified)
        {
            return new(giveUp, DecisionReason.NeverRepeated);
        }

        if (input.Attempts >= attempts)
        {
            return new(giveUp, DecisionReason.AttemptsSpent);
        }

        // The gate makes the attempt wait for a closed lane; a delay is added only where no lane rules.
        var delay = input.LaneOpensIn > TimeSpan.Zero ? TimeSpan.Zero : TimeSpan.Max(input.AskedToWait, input.Backoff);
        if (input.LaneOpensIn + delay >= input.TimeLeft)
        {
            return new(giveUp, DecisionReason.WaitDoesNotFit);
        }

        return new(DecisionAction.Retry, reason, delay);
    }
}
