namespace ExchangeResilience;

/// <summary>
/// Where the processes of a fleet share what the exchange allows them together. It gives room before it is used: two processes that each looked at what is left and then used it
/// would use it twice.
/// </summary>
internal interface ISharedBudget
{
    /// <summary>Asks for room in one window of one of the exchange's counters. All that is given of a window together stays within the limit.</summary>
    /// <param name="ask">What is asked for.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Exception">Any, where the store cannot be reached: what it may have given counts as used.</exception>
    ValueTask<BudgetGrant> AskAsync(BudgetAsk ask, CancellationToken cancellationToken);
}

/// <summary>One of the exchange's counters.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="Lane">Ip: request weight. Orders: orders.</param>
/// <param name="Scope">The egress or the account that is counted.</param>
/// <param name="Interval">How long its windows are.</param>
internal readonly record struct BudgetKey(string Environment, TrafficLane Lane, string Scope, TimeSpan Interval);

/// <summary>A request for room.</summary>
/// <param name="Key">The counter.</param>
/// <param name="Window">The window's number on the exchange's clock: milliseconds since 1970 by the interval.</param>
/// <param name="Need">What the most urgent request lacks; given in full or not at all.</param>
/// <param name="NeedCap">How much of the window may be given away for it.</param>
/// <param name="Wish">What this process would use, the need included; given as far as the others' shares allow.</param>
/// <param name="WishCap">How much of the window may be given away for that.</param>
/// <param name="Observed">What the exchange has counted in this window, as far as this process has seen. What exceeds all that was given is somebody else's.</param>
/// <param name="Taken">What this process took without asking, while the store was away.</param>
internal readonly record struct BudgetAsk(BudgetKey Key, long Window, int Need, int NeedCap, int Wish, int WishCap, int Observed, int Taken);

/// <summary>The store's answer.</summary>
/// <param name="Granted">What this process may use in the window from now on, besides what it was given before.</param>
/// <param name="Committed">What is no longer to be had: all that was given, this included, and what others use.</param>
/// <param name="Members">How many processes share, at least 1.</param>
internal readonly record struct BudgetGrant(int Granted, int Committed, int Members);
