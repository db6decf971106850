namespace ExchangeResilience;

/// <summary>How the search for the truth about an order in doubt stands.</summary>
public enum InDoubtState
{
    /// <summary>The exchange is being asked.</summary>
    Searching = 0,

    /// <summary>No client of this program signs with the key the order was sent with, so it cannot be asked about. An event of the user data stream, a query of the application or an operator's word settles it.</summary>
    NobodyToAsk,

    /// <summary>The exchange refuses the key. Asked again when the program next starts, or on <see cref="IInDoubtOrders.AskAgain"/>.</summary>
    CredentialsRefused,

    /// <summary>So long ago that the exchange no longer shows orders that ended unfilled: absence proves nothing any more. An operator's word settles it.</summary>
    RetentionPassed,

    /// <summary>Another process of the fleet holds it and asks the exchange; its verdict is this process's too. If that process ends, another takes the search over.</summary>
    HeldElsewhere,
}
