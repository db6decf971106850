namespace ExchangeResilience;

/// <summary>
/// Stops new orders of every client of the service provider. Cancels, queries, settings and orders that can only shrink a position pass; every other order and amendment
/// fails before it leaves, with the local error <c>ORDERS_STOPPED</c> and <see cref="ExecutionStatus.NotExecuted"/>, and so does a signed request other than GET and DELETE on a path
/// that the endpoint table does not know, since it may be an order. What has left already is reconciled as ever. There is one stop, whoever makes it, and the last word counts: a second
/// stop replaces the first, and whoever allows orders lifts it, also where another has stopped them.
/// </summary>
/// <remarks>Kept in memory: a restart trades again, and a program that ends while orders are stopped says so in its log. To keep orders stopped, call <see cref="StopOrders"/> before
/// the host starts, for instance where a setting of the program's own says so. Clients in <see cref="HandlingMode.Observe"/> are not stopped.</remarks>
public interface ITradingHalt
{
    /// <summary>The halt in force; null where orders may leave.</summary>
    TradingHaltNotice? Current { get; }

    /// <summary>Stops new orders. A halt already in force is replaced by this one, which the log says (event 1160), with whose it was and why.</summary>
    /// <param name="by">Who says so.</param>
    /// <param name="reason">Why.</param>
    /// <exception cref="ArgumentException">A text is blank.</exception>
    void StopOrders(string by, string reason);

    /// <summary>Lets new orders leave again.</summary>
    /// <param name="by">Who says so.</param>
    /// <param name="reason">Why.</param>
    /// <returns>False where none were stopped.</returns>
    /// <exception cref="ArgumentException">A text is blank.</exception>
    bool AllowOrders(string by, string reason);
}
