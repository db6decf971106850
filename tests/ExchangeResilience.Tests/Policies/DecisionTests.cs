namespace ExchangeResilience.Tests.Policies;

/// <summary>Every row of the ordered function that says what follows a failed attempt.</summary>
public sealed class DecisionTests
{
    private static readonly TimeSpan Backoff = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LaneOpens = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Plenty = TimeSpan.FromSeconds(5);
    private static readonly bool[] Either = [false, true];

    private static readonly DecisionInput UnknownPlace = Met(OperationKind.Place, ErrorCategory.Indeterminate, ExecutionStatus.Unknown, RecoveryAction.Reconcile) with { CanBeReconciled = true };
    private static readonly DecisionInput UnknownSetting = Met(OperationKind.Setting, ErrorCategory.Indeterminate, ExecutionStatus.Unknown);
    private static readonly DecisionInput UnknownCancel = Met(OperationKind.Cancel, ErrorCategory.Transport, ExecutionStatus.Unknown) with { CanBeReconciled = true, Backoff = TimeSpan.Zero };
    private static readonly DecisionInput UnknownCancelAll = Met(OperationKind.CancelAll, ErrorCategory.Transport, ExecutionStatus.Unknown);
    private static readonly DecisionInput UnknownOrder = Met(OperationKind.Cancel, ErrorCategory.OrderNotFound) with { CanBeReconciled = true };
    private static readonly DecisionInput NoChange = Met(OperationKind.Setting, ErrorCategory.NoChangeNeeded);
    private static readonly DecisionInput Duplicate = Met(OperationKind.Place, ErrorCategory.DuplicateOrder) with { CanBeReconciled = true };
    private static readonly DecisionInput ClockSkew = Met(OperationKind.Query, ErrorCategory.ClockSkew, action: RecoveryAction.ResyncClock, maxAttempts: 3) with { CanBeSignedAgain = true, MaxResyncs = 2 };
    private static readonly DecisionInput Limited = Met(OperationKind.Query, ErrorCategory.RateLimited, action: RecoveryAction.BackOff, maxAttempts: 5);
    private static readonly DecisionInput Disconnected = Met(OperationKind.Place, ErrorCategory.Unavailable, action: RecoveryAction.Retry, maxAttempts: 3) with { CanBeReconciled = true, CanBeLookedFor = true, IsMereSentence = true };
    private static readonly DecisionInput Overloaded = Met(OperationKind.Place, ErrorCategory.Overloaded, action: RecoveryAction.BackOff, maxAttempts: 5) with { CanBeReconciled = true, CanBeLookedFor = true, IsMereSentence = true };
    private static readonly DecisionInput LostQuery = Met(OperationKind.Query, ErrorCategory.Transport, ExecutionStatus.NotExecuted, RecoveryAction.Reconcile, maxAttempts: 4);
    private static readonly DecisionInput Rejected = Met(OperationKind.Place, ErrorCategory.InsufficientFunds) with { CanBeReconciled = true };

    private static readonly Dictionary<string, (DecisionInput DecisionInput, Decision Expected)> Table = new(StringComparer.Ordinal)
    {
        // Whoever only observes is told and nothing else, whatever it is.
        ["observing an unknown place"] = (UnknownPlace with { Observing = true }, new(DecisionAction.Return, DecisionReason.Observing)),
        ["observing what was held back"] = (Limited with { Observing = true, HeldBack = true }, new(DecisionAction.Return, DecisionReason.Observing)),
        ["observing a failure that could be repeated"] = (LostQuery with { Observing = true }, new(DecisionAction.Return, DecisionReason.Observing)),

        // What never left is not tried again by itself: its lane or its time said no.
        ["held back query"] = (Limited with { HeldBack = true }, new(DecisionAction.Throw, DecisionReason.HeldBack)),
        ["held back place"] = (UnknownPlace with { HeldBack = true, Execution = ExecutionStatus.NotExecuted }, new(DecisionAction.Throw, DecisionReason.HeldBack)),
        ["held back whatever the row says"] = (Disconnected with { HeldBack = true }, new(DecisionAction.Throw, DecisionReason.HeldBack)),

        // Unknown mutations.
        ["unknown place with an id"] = (UnknownPlace, new(DecisionAction.Reconcile, DecisionReason.OutcomeUnknown)),
        ["unknown amend with an id"] = (UnknownPlace with { Kind = OperationKind.Amend }, new(DecisionAction.Reconcile, DecisionReason.OutcomeUnknown)),
        ["unknown place after many attempts and without time"] = (UnknownPlace with { Attempts = 20, TimeLeft = TimeSpan.Zero }, new(DecisionAction.Reconcile, DecisionReason.OutcomeUnknown)),
        ["unknown place that says it is limited"] = (UnknownPlace with { Category = ErrorCategory.RateLimited, Row = Row(RecoveryAction.BackOff, 5), LaneOpensIn = LaneOpens }, new(DecisionAction.Reconcile, DecisionReason.OutcomeUnknown)),
        ["unknown place without an id"] = (UnknownPlace with { CanBeReconciled = false }, new(DecisionAction.Throw, DecisionReason.NeverRepeated)),
        ["unknown amend without an id"] = (UnknownPlace with { Kind = OperationKind.Amend, CanBeReconciled = false }, new(DecisionAction.Throw, DecisionReason.NeverRepeated)),
        ["unknown heartbeat"] = (UnknownPlace with { Kind = OperationKind.Heartbeat }, new(DecisionAction.Throw, DecisionReason.NeverRepeated)),
        ["unknown additive with a history"] = (UnknownPlace with { Kind = OperationKind.Additive }, new(DecisionAction.ConsultHistory, DecisionReason.HistoryMayTell)),
        ["unknown additive without one"] = (UnknownPlace with { Kind = OperationKind.Additive, CanBeReconciled = false }, new(DecisionAction.Throw, DecisionReason.NeverRepeated)),
        ["unknown unclassified"] = (UnknownPlace with { Kind = OperationKind.Unclassified }, new(DecisionAction.Throw, DecisionReason.NeverRepeated)),
        ["unknown setting"] = (UnknownSetting, new(DecisionAction.Retry, DecisionReason.SafeToRepeat, Backoff)),
        ["unknown setting, second attempt, in a row that allows one"] = (UnknownSetting with { Attempts = 2, Row = Row(RecoveryAction.FailFast, 1) }, new(DecisionAction.Retry, DecisionReason.SafeToRepeat, Backoff)),
        ["unknown setting, third attempt, in a row that allows twenty"] = (UnknownSetting with { Attempts = 3, Row = Row(RecoveryAction.Retry, 20) }, new(DecisionAction.Throw, DecisionReason.AttemptsSpent)),
        ["unknown setting whose wait is as long as its time"] = (UnknownSetting with { TimeLeft = Backoff }, new(DecisionAction.Throw, DecisionReason.WaitDoesNotFit)),
        ["unknown setting whose wait just fits"] = (UnknownSetting with { TimeLeft = Backoff + TimeSpan.FromTicks(1) }, new(DecisionAction.Retry, DecisionReason.SafeToRepeat, Backoff)),
        ["unknown setting in front of a closed lane"] = (UnknownSetting with { LaneOpensIn = LaneOpens }, new(DecisionAction.Retry, DecisionReason.SafeToRepeat)),
        ["unknown setting that was asked to wait longer"] = (UnknownSetting with { AskedToWait = LaneOpens }, new(DecisionAction.Retry, DecisionReason.SafeToRepeat, LaneOpens)),
        ["unknown setting that was asked to wait less"] = (UnknownSetting with { AskedToWait = Backoff / 2 }, new(DecisionAction.Retry, DecisionReason.SafeToRepeat, Backoff)),
        ["unknown setting that was asked to wait longer than its time"] = (UnknownSetting with { AskedToWait = Plenty }, new(DecisionAction.Throw, DecisionReason.WaitDoesNotFit)),
        ["unknown cancel that was asked to wait"] = (UnknownCancel with { AskedToWait = LaneOpens }, new(DecisionAction.Retry, DecisionReason.SafeToRepeat, LaneOpens)),
        ["limited query in front of a closed lane that was asked to wait"] = (Limited with { LaneOpensIn = LaneOpens, AskedToWait = LaneOpens }, new(DecisionAction.Retry, DecisionReason.LaneClosed)),
        ["unknown cancel"] = (UnknownCancel, new(DecisionAction.Retry, DecisionReason.SafeToRepeat)),
        ["unknown cancel, third attempt"] = (UnknownCancel with { Attempts = 3 }, new(DecisionAction.Throw, DecisionReason.AttemptsSpent)),
        ["unknown cancel-all"] = (UnknownCancelAll, new(DecisionAction.Retry, DecisionReason.SafeToRepeat, Backoff)),
        ["unknown cancel-all after a newer order"] = (UnknownCancelAll with { PlacedSince = true }, new(DecisionAction.Throw, DecisionReason.NewerOrderWouldBeCancelled)),
        ["unknown cancel although an order was placed"] = (UnknownCancel with { PlacedSince = true }, new(DecisionAction.Retry, DecisionReason.SafeToRepeat)),

        // The wanted state holds.
        ["no change needed after an unknown"] = (NoChange with { EarlierAttemptMayHaveWorked = true }, new(DecisionAction.ReturnAsSuccess, DecisionReason.WantedStateHolds)),
        ["no change needed at first"] = (NoChange, new(DecisionAction.Return, DecisionReason.PolicyFailsFast)),
        ["no change needed, row treats it as success"] = (NoChange with { Row = Row(RecoveryAction.TreatAsSuccess) }, new(DecisionAction.ReturnAsSuccess, DecisionReason.PolicyTreatsAsSuccess)),
        ["another error after an unknown"] = (Rejected with { EarlierAttemptMayHaveWorked = true }, new(DecisionAction.Return, DecisionReason.PolicyFailsFast)),

        // The id is taken.
        ["duplicate on a resend"] = (Duplicate with { Attempts = 2, EarlierAttemptMayHaveWorked = true }, new(DecisionAction.Reconcile, DecisionReason.OwnResendMayHaveBeenFirst)),
        ["duplicate on the resend of an amendment"] = (Duplicate with { Kind = OperationKind.Amend, Attempts = 2 }, new(DecisionAction.Reconcile, DecisionReason.OwnResendMayHaveBeenFirst)),
        ["duplicate on the first attempt"] = (Duplicate, new(DecisionAction.Return, DecisionReason.PolicyFailsFast)),
        ["duplicate on a resend nobody can look up"] = (Duplicate with { Attempts = 2, EarlierAttemptMayHaveWorked = true, CanBeReconciled = false }, new(DecisionAction.Return, DecisionReason.PolicyFailsFast)),
        ["duplicate on a resend after certain refusals only"] = (Duplicate with { Attempts = 2 }, new(DecisionAction.Reconcile, DecisionReason.OwnResendMayHaveBeenFirst)),
        ["another rejection of a resend"] = (Rejected with { Attempts = 2 }, new(DecisionAction.Return, DecisionReason.PolicyFailsFast)),

        // A cancel that finds nothing.
        ["nothing to cancel"] = (UnknownOrder, new(DecisionAction.ConfirmCancel, DecisionReason.OrderIsNotOpen)),
        ["nothing to cancel that can be looked up"] = (UnknownOrder with { CanBeReconciled = false }, new(DecisionAction.Return, DecisionReason.PolicyFailsFast)),
        ["nothing to cancel while its place is in doubt"] = (UnknownOrder with { PlaceInDoubt = true }, new(DecisionAction.AwaitPlace, DecisionReason.PlaceStillInDoubt)),
        ["nothing to cancel while its place is in doubt, after a lost cancel"] = (UnknownOrder with { PlaceInDoubt = true, EarlierAttemptMayHaveWorked = true }, new(DecisionAction.AwaitPlace, DecisionReason.PlaceStillInDoubt)),
        ["nothing to cancel after a lost cancel"] = (UnknownOrder with { EarlierAttemptMayHaveWorked = true }, new(DecisionAction.ConfirmCancel, DecisionReason.OrderIsNotOpen)),
        ["nothing to cancel after a lost cancel that cannot be looked up"] = (UnknownOrder with { EarlierAttemptMayHaveWorked = true, CanBeReconciled = false }, new(DecisionAction.Return, DecisionReason.PolicyFailsFast)),
        ["another cancel error while the place is in doubt"] = (UnknownOrder with { Category = ErrorCategory.InvalidParameter, PlaceInDoubt = true, EarlierAttemptMayHaveWorked = true }, new(DecisionAction.Return, DecisionReason.PolicyFailsFast)),
        ["-2011 on a cancel-all"] = (UnknownOrder with { Kind = OperationKind.CancelAll, PlaceInDoubt = true, EarlierAttemptMayHaveWorked = true }, new(DecisionAction.Return, DecisionReason.PolicyFailsFast)),

        // The clock.
        ["clock error"] = (ClockSkew, new(DecisionAction.Resync, DecisionReason.ClockWrong)),
        ["clock error of a place"] = (ClockSkew with { Kind = OperationKind.Place }, new(DecisionAction.Resync, DecisionReason.ClockWrong)),
        ["clock error of a heartbeat, which did nothing"] = (ClockSkew with { Kind = OperationKind.Heartbeat }, new(DecisionAction.Resync, DecisionReason.ClockWrong)),
        ["clock error on another's signature"] = (ClockSkew with { CanBeSignedAgain = false }, new(DecisionAction.Return, DecisionReason.ClockNotOurs)),
        ["clock error, one resync left"] = (ClockSkew with { Resyncs = 1, Attempts = 2 }, new(DecisionAction.Resync, DecisionReason.ClockWrong)),
        ["clock error, resyncs spent"] = (ClockSkew with { Resyncs = 2, Attempts = 2 }, new(DecisionAction.Return, DecisionReason.ResyncsSpent)),
        ["clock error, attempts spent"] = (ClockSkew with { Attempts = 3 }, new(DecisionAction.Return, DecisionReason.ResyncsSpent)),
        ["clock error, attempts of its row spent"] = (ClockSkew with { Attempts = 2, Row = Row(RecoveryAction.ResyncClock, 2) }, new(DecisionAction.Return, DecisionReason.ResyncsSpent)),
        ["clock error, time spent"] = (ClockSkew with { TimeLeft = TimeSpan.Zero }, new(DecisionAction.Return, DecisionReason.WaitDoesNotFit)),
        ["clock error, a tick left"] = (ClockSkew with { TimeLeft = TimeSpan.FromTicks(1) }, new(DecisionAction.Resync, DecisionReason.ClockWrong)),

        // Closed lanes: the gate does the waiting, so the delay is nothing.
        ["limited, lane closed"] = (Limited with { LaneOpensIn = LaneOpens }, new(DecisionAction.Retry, DecisionReason.LaneClosed)),
        ["limited, lane closed for as long as there is time"] = (Limited with { LaneOpensIn = Plenty }, new(DecisionAction.Return, DecisionReason.WaitDoesNotFit)),
        ["limited, no lane closed"] = (Limited, new(DecisionAction.Retry, DecisionReason.PolicyRetries, Backoff)),
        ["limited, last attempt"] = (Limited with { Attempts = 5, LaneOpensIn = LaneOpens }, new(DecisionAction.Return, DecisionReason.AttemptsSpent)),
        ["limited, last but one"] = (Limited with { Attempts = 4, LaneOpensIn = LaneOpens }, new(DecisionAction.Retry, DecisionReason.LaneClosed)),
        ["limited place"] = (Limited with { Kind = OperationKind.Place, LaneOpensIn = LaneOpens, CanBeReconciled = true }, new(DecisionAction.Retry, DecisionReason.LaneClosed)),

        // Known failures.
        ["lost query"] = (LostQuery, new(DecisionAction.Retry, DecisionReason.PolicyRetries, Backoff)),
        ["lost query, last but one"] = (LostQuery with { Attempts = 3 }, new(DecisionAction.Retry, DecisionReason.PolicyRetries, Backoff)),
        ["lost query, last attempt"] = (LostQuery with { Attempts = 4 }, new(DecisionAction.Return, DecisionReason.AttemptsSpent)),
        ["query that calls itself unknown"] = (LostQuery with { Execution = ExecutionStatus.Unknown }, new(DecisionAction.Retry, DecisionReason.PolicyRetries, Backoff)),
        ["query that calls itself unknown, last attempt"] = (LostQuery with { Execution = ExecutionStatus.Unknown, Attempts = 4 }, new(DecisionAction.Return, DecisionReason.AttemptsSpent)),
        ["-1001 on a place"] = (Disconnected, new(DecisionAction.Reconcile, DecisionReason.DocumentedAsFailed)),
        ["-1001 on a place nobody can look up"] = (Disconnected with { CanBeReconciled = false, CanBeLookedFor = false }, new(DecisionAction.Return, DecisionReason.NeverRepeated)),
        ["-1001 on a place, attempts and time spent"] = (Disconnected with { Attempts = 3, TimeLeft = TimeSpan.Zero }, new(DecisionAction.Reconcile, DecisionReason.DocumentedAsFailed)),
        ["-1001 on a place, in a row that fails"] = (Disconnected with { Row = Row(RecoveryAction.FailFast) }, new(DecisionAction.Return, DecisionReason.PolicyFailsFast)),
        ["-1001 on an amend"] = (Disconnected with { Kind = OperationKind.Amend }, new(DecisionAction.Reconcile, DecisionReason.DocumentedAsFailed)),
        ["-1001 on a setting"] = (Disconnected with { Kind = OperationKind.Setting }, new(DecisionAction.Retry, DecisionReason.PolicyRetries, Backoff)),
        ["-1001 on a query"] = (Disconnected with { Kind = OperationKind.Query }, new(DecisionAction.Retry, DecisionReason.PolicyRetries, Backoff)),
        ["overload on a place"] = (Overloaded with { LaneOpensIn = LaneOpens }, new(DecisionAction.Retry, DecisionReason.LaneClosed)),
        ["overload on an amend"] = (Overloaded with { Kind = OperationKind.Amend }, new(DecisionAction.Retry, DecisionReason.PolicyRetries, Backoff)),
        ["overload on a place, last attempt"] = (Overloaded with { Attempts = 5 }, new(DecisionAction.Return, DecisionReason.AttemptsSpent)),
        ["overload on a place that cannot be looked for"] = (Overloaded with { CanBeLookedFor = false }, new(DecisionAction.Return, DecisionReason.NeverRepeated)),
        ["overload on a setting"] = (Overloaded with { Kind = OperationKind.Setting, CanBeLookedFor = false }, new(DecisionAction.Retry, DecisionReason.PolicyRetries, Backoff)),
        ["clock error of a place that cannot be looked for, under a status of failure"] = (ClockSkew with { Kind = OperationKind.Place, IsMereSentence = true }, new(DecisionAction.Return, DecisionReason.NeverRepeated)),
        ["known failure of a heartbeat"] = (Limited with { Kind = OperationKind.Heartbeat }, new(DecisionAction.Return, DecisionReason.NeverRepeated)),
        ["known failure of an additive"] = (Limited with { Kind = OperationKind.Additive }, new(DecisionAction.Return, DecisionReason.NeverRepeated)),
        ["mere sentence of an additive"] = (Disconnected with { Kind = OperationKind.Additive }, new(DecisionAction.ConsultHistory, DecisionReason.HistoryMayTell)),
        ["known failure of an unclassified"] = (LostQuery with { Kind = OperationKind.Unclassified }, new(DecisionAction.Return, DecisionReason.NeverRepeated)),
        ["rejection"] = (Rejected, new(DecisionAction.Return, DecisionReason.PolicyFailsFast)),
        ["rejection whatever time and attempts are left"] = (Rejected with { Row = Row(RecoveryAction.FailFast, 20) }, new(DecisionAction.Return, DecisionReason.PolicyFailsFast)),
    };

    public static TheoryData<string> Rows => [.. Table.Keys];

    [Theory]
    [MemberData(nameof(Rows))]
    public void After_gives(string row)
    {
        var (situation, expected) = Table[row];

        Decision.After(situation).ShouldBe(expected);
    }

    [Fact]
    public void Every_reason_and_every_action_stands_in_the_table()
    {
        Table.Values.Select(row => row.Expected.Reason).Distinct().ShouldBe(Enum.GetValues<DecisionReason>(), ignoreOrder: true);
        Table.Values.Select(row => row.Expected.Action).Distinct().ShouldBe(Enum.GetValues<DecisionAction>(), ignoreOrder: true);
    }

    [Fact]
    public void No_row_of_any_policy_lets_an_unknown_mutation_be_sent_again_unless_repeating_it_is_harmless()
    {
        OperationKind[] mutations = [.. Enum.GetValues<OperationKind>().Where(kind => kind != OperationKind.Query)];
        OperationKind[] harmless = [OperationKind.Setting, OperationKind.Cancel, OperationKind.CancelAll];
        var broken = (
            from kind in mutations
            from category in Enum.GetValues<ErrorCategory>()
            from action in Enum.GetValues<RecoveryAction>()
            from attempts in Enumerable.Range(1, 3)
            from canBeReconciled in Either
            from earlier in Either
            let situation = Met(kind, category, ExecutionStatus.Unknown, action, maxAttempts: 20) with
            {
                Attempts = attempts,
                CanBeReconciled = canBeReconciled,
                EarlierAttemptMayHaveWorked = earlier,
                CanBeSignedAgain = true,
                MaxResyncs = 5,
            }
            let decision = Decision.After(situation)
            where !(decision.Action is DecisionAction.Throw
                || (decision.Action == DecisionAction.Reconcile && kind is OperationKind.Place or OperationKind.Amend)
                || (decision.Action == DecisionAction.ConsultHistory && kind == OperationKind.Additive)
                || (decision.Action == DecisionAction.Retry && harmless.Contains(kind)))
            select $"{kind} {category} {action}: {decision}").Take(3);

        broken.ShouldBeEmpty();
    }

    private static DecisionInput Met(
        OperationKind kind,
        ErrorCategory category,
        ExecutionStatus execution = ExecutionStatus.NotExecuted,
        RecoveryAction action = RecoveryAction.FailFast,
        int maxAttempts = 1) => new()
        {
            Kind = kind,
            Category = category,
            Execution = execution,
            Row = Row(action, maxAttempts),
            Attempts = 1,
            Backoff = Backoff,
            TimeLeft = Plenty,
        };

    private static PolicyRow Row(RecoveryAction action, int maxAttempts = 1) => new()
    {
        Selector = "test",
        Action = action,
        MaxAttempts = maxAttempts,
        BaseDelay = Backoff,
        MaxDelay = Backoff,
        Lane = TrafficLane.None,
        Execution = null,
        IsOverridden = false,
    };
}
