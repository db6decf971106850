namespace ExchangeResilience;

/// <summary>The matrix before any override, by category. A venue adds rows for codes that differ from their category.</summary>
internal static class BuiltInPolicies
{
    public static IReadOnlyList<PolicyLayer> Layers { get; } =
    [
        Row(Selector.Of(ErrorCategory.RateLimited), RecoveryAction.BackOff, 5, Seconds(1), Seconds(60), TrafficLane.Ip),
        Row(Selector.Of(ErrorCategory.OrderRateLimited), RecoveryAction.BackOff, 5, Seconds(1), Seconds(60), TrafficLane.Orders),

        // "200ms, 400ms, 800ms, max 3-5 attempts" (Binance USD-M general info, HTTP 503).
        Row(Selector.Of(ErrorCategory.Overloaded), RecoveryAction.BackOff, 5, Ms(200), Seconds(2), TrafficLane.Host),
        Row(Selector.Of(ErrorCategory.Unavailable), RecoveryAction.Retry, 3, Ms(500), Seconds(5)),
        Row(Selector.Of(ErrorCategory.Indeterminate), RecoveryAction.Reconcile, 4, Ms(250), Seconds(4)),
        Row(Selector.Of(ErrorCategory.ClockSkew), RecoveryAction.ResyncClock, 3, Ms(100), Seconds(1)),

        // The firewall names no end of its block; asking again soon prolongs it.
        Row(Selector.Of(ErrorCategory.Blocked), RecoveryAction.BackOff, 1, Minutes(5), Minutes(5), TrafficLane.Ip),
        Row(Selector.Of(ErrorCategory.Transport), RecoveryAction.Reconcile, 4, Ms(250), Seconds(4)),
        Row(Selector.Default, RecoveryAction.FailFast, 1, Ms(250), Seconds(4)),
    ];

    private static PolicyLayer Row(Selector selector, RecoveryAction action, int attempts, TimeSpan baseDelay, TimeSpan maxDelay, TrafficLane lane = TrafficLane.None) =>
        new(selector, new ErrorPolicy { Action = action, MaxAttempts = attempts, BaseDelay = baseDelay, MaxDelay = maxDelay, Lane = lane }, Key: null);

    private static TimeSpan Ms(int value) => TimeSpan.FromMilliseconds(value);

    private static TimeSpan Seconds(int value) => TimeSpan.FromSeconds(value);

    private static TimeSpan Minutes(int value) => TimeSpan.FromMinutes(value);
}
