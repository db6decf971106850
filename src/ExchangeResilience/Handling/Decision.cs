namespace ExchangeResilience;

/// <summary>Everything a decision depends on.</summary>
internal readonly record struct Situation
{
    public required OperationKind Kind { get; init; }
    public required ErrorCategory Category { get; init; }
    public required ExecutionStatus Execution { get; init; }
    public required PolicyRow Row { get; init; }

    /// <summary>Sends so far, this one included.</summary>
    public required int Attempts { get; init; }

    /// <summary>Resyncs so far in this call, and how many are allowed.</summary>
    public int Resyncs { get; init; }
    public int MaxResyncs { get; init; }

    /// <summary>The stamp was made by a clock that had just been confirmed, after another by the same clock was refused: a third would be refused, too.</summary>
    public bool ClockIsConfirmed { get; init; }

    /// <summary>The request never left: a lane or a limit held it back.</summary>
    public bool HeldBack { get; init; }

    public bool Observing { get; init; }

    /// <summary>The order bears an id, or the addition is listed in a history, so that evidence can be asked for.</summary>
    public bool CanBeReconciled { get; init; }

    /// <summary>The exchange can be asked now, with a key of this client's own, whether what was sent is there.</summary>
    public bool CanBeLookedFor { get; init; }

    /// <summary>The failure is known by no more than a sentence of the exchange.</summary>
    public bool IsMereSentence { get; init; }

    /// <summary>The request is signed by this library, with a key of its own.</summary>
    public bool CanBeSignedAgain { get; init; }

    /// <summary>An earlier attempt of this call was not refused for certain, even if evidence has since shown it absent.</summary>
    public bool EarlierAttemptMayHaveWorked { get; init; }

    /// <summary>The order a cancel names was placed and is still in doubt.</summary>
    public bool PlaceInDoubt { get; init; }

    /// <summary>An order was placed for the symbol since this cancel-all first left.</summary>
    public bool PlacedSince { get; init; }

    /// <summary>How long until the closed lane opens; zero where none was closed that this call travels.</summary>
    public TimeSpan LaneOpensIn { get; init; }

    /// <summary>The wait this library would choose by itself.</summary>
    public TimeSpan Backoff { get; init; }

    /// <summary>The wait the exchange asked for.</summary>
    public TimeSpan AskedToWait { get; init; }

    /// <summary>How much time is left in which another attempt may start.</summary>
    public required TimeSpan TimeLeft { get; init; }
}

/// <summary>What happens after a failed attempt: one pure, ordered function.</summary>
internal readonly record struct Decision(DecisionAction Action, DecisionReason Reason, TimeSpan Delay = default)
{
    // Rows have no say after an unknown, so they give no number of attempts either.
    private const int AttemptsOfRepeatable = 3;

    public static Decision After(in Situation situation)
    {
        if (situation.Observing)
        {
            return new(DecisionAction.Return, DecisionReason.Observing);
        }

        if (situation.HeldBack)
        {
            return new(DecisionAction.Throw, DecisionReason.HeldBack);
        }

        return situation.Execution == ExecutionStatus.Unknown && situation.Kind != OperationKind.Query
            ? AfterUnknown(situation)
            : AfterKnown(situation);
    }

    /// <summary>Sends in all, the first included, where a failure is repeated at all.</summary>
    public static int AttemptsAllowed(OperationKind kind, ExecutionStatus execution, PolicyRow row) =>
        execution == ExecutionStatus.Unknown && kind != OperationKind.Query ? AttemptsOfRepeatable : row.MaxAttempts;

    // Rows have no say here: nothing that may have taken effect is sent again unless repeating it is harmless.
    private static Decision AfterUnknown(in Situation situation) => situation.Kind switch
    {
        OperationKind.Place or OperationKind.Amend when situation.CanBeReconciled => new(DecisionAction.Reconcile, DecisionReason.OutcomeUnknown),
        OperationKind.Additive when situation.CanBeReconciled => new(DecisionAction.ConsultHistory, DecisionReason.HistoryMayTell),
        OperationKind.Setting or OperationKind.Cancel => Repeat(situation, AttemptsOfRepeatable, DecisionReason.SafeToRepeat),
        OperationKind.CancelAll when situation.PlacedSince => new(DecisionAction.Throw, DecisionReason.NewerOrderWouldBeCancelled),
        OperationKind.CancelAll => Repeat(situation, AttemptsOfRepeatable, DecisionReason.SafeToRepeat),
        _ => new(DecisionAction.Throw, DecisionReason.NeverRepeated),
    };

    private static Decision AfterKnown(in Situation situation)
    {
        if (situation.Category == ErrorCategory.NoChangeNeeded && situation.EarlierAttemptMayHaveWorked)
        {
            return new(DecisionAction.ReturnAsSuccess, DecisionReason.WantedStateHolds);
        }

        // The first to have the id may have been an earlier attempt of this very call, whatever was said of that.
        if (situation is { Kind: OperationKind.Place or OperationKind.Amend, Category: ErrorCategory.DuplicateOrder, Attempts: > 1, CanBeReconciled: true })
        {
            return new(DecisionAction.Reconcile, DecisionReason.OwnResendMayHaveBeenFirst);
        }

        if (situation is { Kind: OperationKind.Cancel, Category: ErrorCategory.OrderNotFound, PlaceInDoubt: true })
        {
            return new(DecisionAction.AwaitPlace, DecisionReason.PlaceStillInDoubt);
        }

        // -2011 says that the order is not open, and not why: cancelled earlier, filled, expired or never placed.
        if (situation is { Kind: OperationKind.Cancel, Category: ErrorCategory.OrderNotFound, CanBeReconciled: true })
        {
            return new(DecisionAction.ConfirmCancel, DecisionReason.OrderIsNotOpen);
        }

        if (situation is { Kind: OperationKind.Additive, Category: ErrorCategory.Unavailable, IsMereSentence: true, CanBeReconciled: true })
        {
            return new(DecisionAction.ConsultHistory, DecisionReason.HistoryMayTell);
        }

        return situation is { Kind: OperationKind.Place or OperationKind.Amend, IsMereSentence: true } ? AfterSentence(situation) : ByRow(situation);
    }

    // What is looked for right before it leaves again is not resent if it is there. It may be accepted a moment later all the same, as long as its window is open: that overload turns
    // away before anything is accepted is documented in detail and passes in fractions of a second, but an internal error (-1001) is called a failure in one short list alone.
    private static Decision AfterSentence(in Situation situation)
    {
        if (situation is { Category: ErrorCategory.Unavailable, Row.Action: RecoveryAction.Retry or RecoveryAction.BackOff or RecoveryAction.Reconcile })
        {
            return situation.CanBeReconciled ? new(DecisionAction.Reconcile, DecisionReason.DocumentedAsFailed) : new(DecisionAction.Return, DecisionReason.NeverRepeated);
        }

        var next = ByRow(situation);
        return next.Action is DecisionAction.Retry or DecisionAction.Resync && !situation.CanBeLookedFor ? new(DecisionAction.Return, DecisionReason.NeverRepeated) : next;
    }

    private static Decision ByRow(in Situation situation) => situation.Row.Action switch
    {
        RecoveryAction.TreatAsSuccess => new(DecisionAction.ReturnAsSuccess, DecisionReason.PolicyTreatsAsSuccess),
        RecoveryAction.ResyncClock => AfterClockError(situation),
        RecoveryAction.BackOff => Repeat(situation, situation.Row.MaxAttempts, situation.LaneOpensIn > TimeSpan.Zero ? DecisionReason.LaneClosed : DecisionReason.PolicyRetries),
        RecoveryAction.Retry or RecoveryAction.Reconcile => Repeat(situation, situation.Row.MaxAttempts, DecisionReason.PolicyRetries),
        _ => new(DecisionAction.Return, DecisionReason.PolicyFailsFast),
    };

    private static Decision AfterClockError(in Situation situation)
    {
        if (!situation.CanBeSignedAgain)
        {
            return new(DecisionAction.Return, DecisionReason.ClockNotOurs);
        }

        if (situation.ClockIsConfirmed || situation.Resyncs >= situation.MaxResyncs || situation.Attempts >= situation.Row.MaxAttempts)
        {
            return new(DecisionAction.Return, DecisionReason.ResyncsSpent);
        }

        return situation.TimeLeft > situation.AskedToWait
            ? new(DecisionAction.Resync, DecisionReason.ClockWrong, situation.AskedToWait)
            : new(DecisionAction.Return, DecisionReason.WaitDoesNotFit);
    }

    private static Decision Repeat(in Situation situation, int attempts, DecisionReason reason)
    {
        // An unknown that is not to be repeated any more must not look like a known failure.
        var giveUp = situation.Execution == ExecutionStatus.Unknown && situation.Kind != OperationKind.Query ? DecisionAction.Throw : DecisionAction.Return;
        if (situation.Kind is OperationKind.Heartbeat or OperationKind.Additive or OperationKind.Unclassified)
        {
            return new(giveUp, DecisionReason.NeverRepeated);
        }

        if (situation.Attempts >= attempts)
        {
            return new(giveUp, DecisionReason.AttemptsSpent);
        }

        // The gate makes the attempt wait for a closed lane; a delay is added only where no lane rules.
        var delay = situation.LaneOpensIn > TimeSpan.Zero ? TimeSpan.Zero
            : situation.AskedToWait > situation.Backoff ? situation.AskedToWait
            : situation.Backoff;
        if (situation.LaneOpensIn + delay >= situation.TimeLeft)
        {
            return new(giveUp, DecisionReason.WaitDoesNotFit);
        }

        return new(DecisionAction.Retry, reason, delay);
    }
}
