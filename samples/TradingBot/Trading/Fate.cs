using ExchangeResilience;

namespace TradingBot;

/// <summary>What became of an intended order in the end.</summary>
internal enum Fate
{
    /// <summary>It took effect, once.</summary>
    Executed,

    /// <summary>The exchange refused it for a reason that sending it again does not cure.</summary>
    Rejected,

    /// <summary>It provably did not take effect, and was given up.</summary>
    NotExecuted,

    /// <summary>Nobody knows.</summary>
    Unknown,
}

/// <summary>Which errors are a last word.</summary>
internal static class ClearRejection
{
    private static readonly HashSet<ErrorCategory> Categories =
    [
        ErrorCategory.InvalidParameter,
        ErrorCategory.FilterViolation,
        ErrorCategory.InsufficientFunds,
        ErrorCategory.Authentication,
        ErrorCategory.OrderRejected,
        ErrorCategory.AccountState,
        ErrorCategory.LimitReached,
        ErrorCategory.MarketState,
        ErrorCategory.Restricted,
        ErrorCategory.NotSupported,
    ];

    // An error nobody knows may pass; the same again after some tries will not.
    private const int TriesOfUnclassified = 3;

    /// <summary>Whether sending the order again is pointless. Without a status the exchange has not spoken, and so not refused.</summary>
    public static bool Holds(ExchangeError error, int tries) =>
        error.StatusCode is not null && (Categories.Contains(error.Category) || (error.Category == ErrorCategory.Unclassified && tries >= TriesOfUnclassified));
}
