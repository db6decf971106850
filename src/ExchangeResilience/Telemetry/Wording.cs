namespace ExchangeResilience;

/// <summary>Categories, outcomes and reasons as a sentence says them.</summary>
internal static class Wording
{
    /// <summary>What is wrong. What this library refuses by itself has words of its own: those of a category tell what the exchange said.</summary>
    public static string Of(ExchangeError error) => LocalErrors.WordsOf(error) ?? Of(error.Category);

    public static string Of(ErrorCategory category) => category switch
    {
        ErrorCategory.RateLimited => "rate limited",
        ErrorCategory.OrderRateLimited => "too many orders",
        ErrorCategory.Overloaded => "throttled",
        ErrorCategory.Unavailable => "service unavailable",
        ErrorCategory.Indeterminate => "no verdict",
        ErrorCategory.ClockSkew => "wrong time",
        ErrorCategory.Authentication => "not authorized",
        ErrorCategory.InvalidParameter => "invalid request",
        ErrorCategory.FilterViolation => "filter violated",
        ErrorCategory.InsufficientFunds => "insufficient funds",
        ErrorCategory.OrderRejected => "order rejected",
        ErrorCategory.OrderNotFound => "no such order",
        ErrorCategory.DuplicateOrder => "id taken",
        ErrorCategory.NoChangeNeeded => "nothing to change",
        ErrorCategory.AccountState => "not in this state of the account",
        ErrorCategory.LimitReached => "limit reached",
        ErrorCategory.MarketState => "not in this state of the market",
        ErrorCategory.Restricted => "restricted",
        ErrorCategory.Blocked => "blocked",
        ErrorCategory.NotSupported => "not supported",
        ErrorCategory.Transport => "no usable reply",
        _ => "refused",
    };

    public static string Of(ExecutionStatus execution) => execution switch
    {
        ExecutionStatus.NotExecuted => "not executed",
        ExecutionStatus.Executed => "executed",
        _ => "outcome unknown",
    };

    public static string Of(DecisionReason reason) => reason switch
    {
        DecisionReason.Observing => "only observed",
        DecisionReason.HeldBack => "held back",
        DecisionReason.OutcomeUnknown => "outcome unknown",
        DecisionReason.HistoryMayTell => "the history may tell",
        DecisionReason.NeverRepeated => "never repeated",
        DecisionReason.SafeToRepeat => "safe to repeat",
        DecisionReason.NewerOrderWouldBeCancelled => "a newer order would be cancelled",
        DecisionReason.WantedStateHolds => "the wanted state holds",
        DecisionReason.OwnResendMayHaveBeenFirst => "an earlier attempt may have been first",
        DecisionReason.OrderIsNotOpen => "the order is not open",
        DecisionReason.PlaceStillInDoubt => "the order is still in doubt",
        DecisionReason.PolicyFailsFast => "fails fast by policy",
        DecisionReason.PolicyTreatsAsSuccess => "a success by policy",
        DecisionReason.PolicyRetries => "retried by policy",
        DecisionReason.LaneClosed => "the lane is closed",
        DecisionReason.ClockWrong => "the clock is wrong",
        DecisionReason.ClockNotOurs => "stamped by another clock",
        DecisionReason.ResyncsSpent => "no measurement helps",
        DecisionReason.DocumentedAsFailed => "documented as failed",
        DecisionReason.AttemptsSpent => "all attempts are spent",
        _ => "the wait does not fit",
    };

    public static string Of(RefusalReason reason) => reason switch
    {
        RefusalReason.HeldIp => "the Ip lane is closed",
        RefusalReason.HeldOrders => "the Orders lane is closed",
        RefusalReason.HeldHost => "the Host lane is closed",
        RefusalReason.WeightSpent => "the request weight of this minute is spent",
        RefusalReason.OrdersSpent => "the order count of this window is spent",
        RefusalReason.TooManyWaiters => "too many requests wait already",
        _ => "nothing blocks it",
    };
}
