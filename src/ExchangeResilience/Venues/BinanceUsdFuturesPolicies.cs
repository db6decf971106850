namespace ExchangeResilience;

/// <summary>The built-in rows of the matrix for codes that differ from their category.</summary>
internal static class BinanceUsdFuturesPolicies
{
    public static IReadOnlyList<PolicyLayer> Rows { get; } =
    [
        // The service is going away or under maintenance: waiting a few seconds does not bring it back.
        Row(-1016, RecoveryAction.FailFast, attempts: 1, baseMs: 500, maxMs: 5_000),

        // The matching engine's second look at the receive window fails because of its queue more often than because of the clock: a fresh stamp, once.
        Row(-5028, RecoveryAction.ResyncClock, attempts: 2, baseMs: 100, maxMs: 1_000),

        // An amendment of the order is still pending.
        Row(-5043, RecoveryAction.Retry, attempts: 5, baseMs: 200, maxMs: 2_000),

        // The position is not visible yet, right after the fill that opened it.
        Row(-4509, RecoveryAction.Retry, attempts: 4, baseMs: 250, maxMs: 2_000),
    ];

    private static PolicyLayer Row(int code, RecoveryAction action, int attempts, int baseMs, int maxMs) => new(
        Selector.Code(code),
        new ErrorPolicy { Action = action, MaxAttempts = attempts, BaseDelay = TimeSpan.FromMilliseconds(baseMs), MaxDelay = TimeSpan.FromMilliseconds(maxMs), Lane = TrafficLane.None },
        Key: null);
}
