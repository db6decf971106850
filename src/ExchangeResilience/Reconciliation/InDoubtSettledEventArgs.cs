namespace ExchangeResilience;

/// <summary>How an order in doubt was settled.</summary>
public sealed class InDoubtSettledEventArgs : EventArgs
{
    /// <summary>News of an order; public so that a program's own tests can make some.</summary>
    /// <param name="order">The order.</param>
    /// <param name="execution">Whether it took effect.</param>
    /// <param name="evidence">What proved it.</param>
    public InDoubtSettledEventArgs(InDoubtOrder order, ExecutionStatus execution, string evidence)
    {
        ArgumentNullException.ThrowIfNull(order);
        Order = order;
        Execution = execution;
        Evidence = evidence;
    }

    /// <summary>The order.</summary>
    public InDoubtOrder Order { get; }

    /// <summary>Whether it took effect.</summary>
    public ExecutionStatus Execution { get; }

    /// <summary>What proved it.</summary>
    public string Evidence { get; }
}
