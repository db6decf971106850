using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>An order whose outcome is unknown.</summary>
/// <param name="Symbol">The symbol, for example BTCUSDT.</param>
/// <param name="ClientOrderId">The id to look for.</param>
/// <param name="Kind">Whether it was placed or amended.</param>
public sealed record InDoubtOrder(string Symbol, string ClientOrderId, OperationKind Kind);

/// <summary>An order that was reported as not executed and was seen at the exchange later: assumption A1 (query lag) did not hold.</summary>
public sealed class AbsenceContradictedEventArgs : EventArgs
{
    internal AbsenceContradictedEventArgs(InDoubtOrder order, string status)
    {
        Order = order;
        Status = status;
    }

    /// <summary>The order.</summary>
    public InDoubtOrder Order { get; }

    /// <summary>Its status at the exchange, for example FILLED.</summary>
    public string Status { get; }
}

/// <summary>How an order in doubt was settled.</summary>
public sealed class InDoubtSettledEventArgs : EventArgs
{
    internal InDoubtSettledEventArgs(InDoubtOrder order, ExecutionStatus execution, string evidence)
    {
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

/// <summary>The orders in doubt in this process, and what becomes of them.</summary>
public interface IInDoubtOrders
{
    /// <summary>The orders in doubt at this moment.</summary>
    IReadOnlyList<InDoubtOrder> List();

    /// <summary>An order reported as not executed was seen at the exchange later. Act at once: a position may exist that nobody counts.</summary>
    event EventHandler<AbsenceContradictedEventArgs>? AbsenceContradicted;

    /// <summary>Evidence settled an order that was in doubt.</summary>
    event EventHandler<InDoubtSettledEventArgs>? Settled;
}

/// <inheritdoc cref="IInDoubtOrders"/>
internal sealed class InDoubtOrders(ClaimTable claims, ExchangeMetrics metrics, ILogger<InDoubtOrders> logger) : IInDoubtOrders
{
    public event EventHandler<AbsenceContradictedEventArgs>? AbsenceContradicted;

    public event EventHandler<InDoubtSettledEventArgs>? Settled;

    public IReadOnlyList<InDoubtOrder> List() => [.. claims.InDoubt.Select(Describe)];

    public void RaiseSettled(Claim claim, Verdict verdict)
    {
        metrics.Verdict(claim.Key.Kind, verdict.Execution);
        Raise(Settled, new InDoubtSettledEventArgs(Describe(claim), verdict.Execution, verdict.Evidence));
    }

    public void RaiseContradiction(Claim claim, OrderEvidence order)
    {
        metrics.Contradiction(claim.Key.Kind);
        Raise(AbsenceContradicted, new AbsenceContradictedEventArgs(Describe(claim), order.Status ?? ""));
    }

    // One subscriber's fault must not cost the others their news, nor the order what is still to be done for it.
    private void Raise<T>(EventHandler<T>? subscribers, T arguments)
    {
        foreach (var subscriber in Delegate.EnumerateInvocationList(subscribers))
        {
            try
            {
                subscriber(this, arguments);
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                Log.SubscriberFailed(logger, error);
            }
        }
    }

    private static InDoubtOrder Describe(Claim claim) => new(claim.Operation.Symbol ?? "", claim.Key.Id, claim.Key.Kind);
}
