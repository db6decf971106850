namespace ExchangeResilience;

/// <summary>An order that was reported as not executed and was seen at the exchange later: assumption A1 (query lag) did not hold.</summary>
public sealed class AbsenceContradictedEventArgs : EventArgs
{
    /// <summary>News of an order; public so that a program's own tests can make some.</summary>
    /// <param name="order">The order.</param>
    /// <param name="orderStatus">Its status at the exchange.</param>
    public AbsenceContradictedEventArgs(InDoubtOrder order, string orderStatus)
    {
        ArgumentNullException.ThrowIfNull(order);
        Order = order;
        OrderStatus = orderStatus;
    }

    /// <summary>The order.</summary>
    public InDoubtOrder Order { get; }

    /// <summary>Its status at the exchange, for example FILLED.</summary>
    public string OrderStatus { get; }
}
