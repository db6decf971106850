namespace ExchangeResilience;

/// <summary>The state of the search for the outcome of an order in doubt.</summary>
public enum InDoubtState
{
    /// <summary>The exchange is being queried.</summary>
    Searching = 0,

    /// <summary>No client of this program signs with the key the order was sent with, so it cannot be looked up. An event of the user data stream, a query of the application or an operator's decision settles it.</summary>
    NobodyToAsk,

    /// <summary>The exchange refuses the key. Asked again when the program next starts, or on <see cref="IInDoubtOrders.AskAgain"/>.</summary>
    CredentialsRefused,

    /// <summary>So long ago that the exchange no longer shows orders that ended unfilled: absence proves nothing any more. An operator's decision settles it.</summary>
    RetentionPassed,

    /// <summary>Another process of the fleet holds it and queries the exchange; its verdict is this process's too. If that process ends, another takes the search over.</summary>
    HeldElsewhere,
}
