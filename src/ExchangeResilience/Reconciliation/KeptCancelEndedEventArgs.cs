namespace ExchangeResilience;

/// <summary>How a cancel ended that was kept for an order of unknown outcome.</summary>
public sealed class KeptCancelEndedEventArgs : EventArgs
{
    /// <summary>News of an order; public so that a program's own tests can make some.</summary>
    /// <param name="order">The order.</param>
    /// <param name="fate">The outcome of the cancel.</param>
    public KeptCancelEndedEventArgs(InDoubtOrder order, KeptCancelFate fate)
    {
        ArgumentNullException.ThrowIfNull(order);
        Order = order;
        Fate = fate;
    }

    /// <summary>The order it named.</summary>
    public InDoubtOrder Order { get; }

    /// <summary>Its outcome; never <see cref="KeptCancelFate.Kept"/>.</summary>
    public KeptCancelFate Fate { get; }
}
