namespace ExchangeResilience;

/// <summary>What kind of trouble an error is. Policies may name a category as their selector.</summary>
public enum ErrorCategory
{
    /// <summary>The code is not in the venue's table.</summary>
    Unclassified = 0,

    /// <summary>The address has spent its request weight, or is banned (-1003). Every client of the address waits.</summary>
    RateLimited,

    /// <summary>The account has placed too many orders in the window (-1015). Only its orders wait.</summary>
    OrderRateLimited,

    /// <summary>The exchange sheds load (-1008, "Service Unavailable."). The request was not executed.</summary>
    Overloaded,

    /// <summary>The exchange failed or is under maintenance and says the request was not executed (-1001, -1016).</summary>
    Unavailable,

    /// <summary>The exchange does not know, or does not say, whether the request took effect (-1000, -1006, -1007, bare 5xx).</summary>
    Indeterminate,

    /// <summary>The request's timestamp missed the receive window (-1021, -5028).</summary>
    ClockSkew,

    /// <summary>The key, its permissions or the signature were refused.</summary>
    Authentication,

    /// <summary>A parameter is missing, malformed or contradictory.</summary>
    InvalidParameter,

    /// <summary>A price, quantity or notional violates a filter of the symbol.</summary>
    FilterViolation,

    /// <summary>Balance or margin does not suffice.</summary>
    InsufficientFunds,

    /// <summary>The order was well-formed and was refused by the trading rules.</summary>
    OrderRejected,

    /// <summary>No such order, or no such open order (-2011, -2013).</summary>
    OrderNotFound,

    /// <summary>The client order id is taken by an open order (-4116).</summary>
    DuplicateOrder,

    /// <summary>The wanted state already holds (-4046, -4052, -4059, -4171, -5027).</summary>
    NoChangeNeeded,

    /// <summary>The account's settings, positions or open orders do not allow it.</summary>
    AccountState,

    /// <summary>A count of open things is exhausted (-2025, -4045). Waiting does not cure it.</summary>
    LimitReached,

    /// <summary>The symbol or market is not in a state that allows the request.</summary>
    MarketState,

    /// <summary>A risk, compliance or regional rule forbids the request.</summary>
    Restricted,

    /// <summary>A firewall in front of the exchange refused the request (403).</summary>
    Blocked,

    /// <summary>The endpoint or feature does not exist here.</summary>
    NotSupported,

    /// <summary>No usable reply arrived: connection refused, lost or timed out, or a broken body.</summary>
    Transport,
}
