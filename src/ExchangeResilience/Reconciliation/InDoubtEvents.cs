using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>The events of orders in doubt, for the application.</summary>
internal sealed class InDoubtEvents(ExchangeMetrics metrics, ContradictedAbsences contradicted, ILogger<InDoubtEvents> logger)
{
    private readonly HostThread _subscribers = new();

    public event EventHandler<AbsenceContradictedEventArgs>? AbsenceContradicted;

    public event EventHandler<InDoubtSettledEventArgs>? Settled;

    public event EventHandler<KeptCancelEndedEventArgs>? KeptCancelEnded;

    public static InDoubtOrder Describe(Claim claim) => new(claim.Operation.Symbol ?? "", claim.Key.Id, claim.Key.Kind)
    {
        ClientName = claim.Origin.ClientName,
        Account = claim.Origin.Account.Label,
        Side = claim.Operation.Terms.Side,
        Type = claim.Operation.Terms.Type,
        Quantity = claim.Operation.Terms.Quantity,
        Price = claim.Operation.Terms.Price,
        Since = claim.Since,
        State = claim.Search,
        Trail = claim.Trail.Read(),
        KeptCancel = claim.Cancel?.Fate,
        Claim = claim,
    };

    /// <summary>Raises the event of an order: where its call sends it again after an absence, of what comes of that.</summary>
    public async Task RaiseSettledAsync(Claim claim, Verdict verdict, TimeSpan inDoubt, CancellationToken stop)
    {
        if (verdict.Execution == ExecutionStatus.NotExecuted && claim.Resender is { IsCompleted: false })
        {
            try
            {
                var last = await Resends.LastAsync(claim, known => known.WaitAsync(stop)).ConfigureAwait(false);
                if (last != claim && last.DoubtedAt != 0)
                {
                    // In doubt in turn, it has an event of its own.
                    return;
                }

                verdict = last.Outcome!;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
        }

        RaiseSettled(claim, verdict, inDoubt);
    }

    public void RaiseSettled(Claim claim, Verdict verdict, TimeSpan inDoubt)
    {
        metrics.Verdict(claim.Key.Kind, verdict.Execution, inDoubt);
        Raise(Settled, new InDoubtSettledEventArgs(Describe(claim), verdict.Execution, verdict.Evidence));
    }

    public void RaiseContradiction(Claim claim, OrderEvidence order)
    {
        metrics.Contradiction(claim.Key.Kind);
        var (described, status) = (Describe(claim), order.Status ?? "");
        contradicted.Note(described, status);
        Raise(AbsenceContradicted, new AbsenceContradictedEventArgs(described, status));
    }

    public void RaiseCancelEnded(Claim claim, KeptCancelFate fate) => Raise(KeptCancelEnded, new KeptCancelEndedEventArgs(Describe(claim), fate));

    // One subscriber's fault must not cost the others their events, nor the order what is still to be done for it.
    private void Raise<T>(EventHandler<T>? subscribers, T arguments)
    {
        foreach (var subscriber in Delegate.EnumerateInvocationList(subscribers))
        {
            _subscribers.Call(() =>
            {
                try
                {
                    subscriber(this, arguments);
                }
                catch (Exception error) when (error is not OutOfMemoryException)
                {
                    Log.SubscriberFailed(logger, error);
                }
            });
        }
    }
}
