namespace ExchangeResilience;

/// <summary>
/// Where the processes of a fleet share what the exchange allows them together. It gives room before it is used: two processes that each looked at what is left and then used it
/// would use it twice.
/// </summary>
internal interface ISharedBudget
{
    /// <summary>How many processes share, as the store last told of it by itself; 0 where it does not.</summary>
    int Living => 0;

    /// <summary>Asks for room in one window of one of the exchange's counters. All that is given of a window together stays within the limit.</summary>
    /// <exception cref="Exception">Any, where the store cannot be reached: what it may have given counts as used.</exception>
    ValueTask<BudgetGrant> AskAsync(BudgetAsk ask, CancellationToken cancellationToken);
}
