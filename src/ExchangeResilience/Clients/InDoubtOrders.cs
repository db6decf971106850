using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <inheritdoc cref="IInDoubtOrders"/>
internal sealed class InDoubtOrders(ClaimTable claims, Reconciler reconciler, InDoubtEvents news, ExchangeClients clients, ILogger<InDoubtOrders> logger) : IInDoubtOrders
{
    public event EventHandler<AbsenceContradictedEventArgs>? AbsenceContradicted
    {
        add => news.AbsenceContradicted += value;
        remove => news.AbsenceContradicted -= value;
    }

    public event EventHandler<InDoubtSettledEventArgs>? Settled
    {
        add => news.Settled += value;
        remove => news.Settled -= value;
    }

    public event EventHandler<KeptCancelEndedEventArgs>? KeptCancelEnded
    {
        add => news.KeptCancelEnded += value;
        remove => news.KeptCancelEnded -= value;
    }

    public IReadOnlyList<InDoubtOrder> KeptCancels() => [.. claims.WithKeptCancel.Select(InDoubtEvents.Describe)];

    public IReadOnlyList<InDoubtOrder> List() => [.. claims.InDoubt.Select(InDoubtEvents.Describe)];

    public async Task<InDoubtVerdict> WaitAsync(InDoubtOrder order, CancellationToken cancellationToken = default)
    {
        var claim = await Resends.LastAsync(ClaimOf(order), known => known.WaitAsync(cancellationToken)).ConfigureAwait(false);
        claims.MarkDelivered(claim);
        return new InDoubtVerdict(claim.Outcome!.Execution, claim.Outcome.Evidence);
    }

    public bool AskAgain(InDoubtOrder order)
    {
        var claim = ClaimOf(order);
        if (!claim.NeedsEvidence || claim.Search is InDoubtState.Searching or InDoubtState.NobodyToAsk or InDoubtState.HeldElsewhere)
        {
            return false;
        }

        reconciler.Search(claim, OptionsOf(claim));
        return true;
    }

    public bool Settle(InDoubtOrder order, ExecutionStatus execution, string by, string reason)
    {
        var claim = ClaimOf(order);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        ArgumentException.ThrowIfNullOrWhiteSpace(reason);
        if (execution is not (ExecutionStatus.Executed or ExecutionStatus.NotExecuted))
        {
            throw new ArgumentException("An order is settled as Executed or NotExecuted; as long as that is unknown it stays in doubt.", nameof(execution));
        }

        if (!reconciler.SettleByOperator(claim, execution, $"settled by {by}: {reason}", OptionsOf(claim)))
        {
            return false;
        }

        Log.SettledByHand(logger, claim.Operation, claim.Key.Id, by, execution, reason);
        return true;
    }

    public bool OfferUserData(string clientName, ReadOnlyMemory<byte> payload)
    {
        var client = clients.Find(clientName) ?? throw new ArgumentException($"The program has no client '{clientName}' with exchange error handling. Its clients are: {string.Join(", ", clients.Names)}.", nameof(clientName));
        return UserDataEvent.Read(payload) is { } told && reconciler.OfferEvent(
            claim => client.Credentials is null
                ? string.Equals(claim.Origin.ClientName, clientName, StringComparison.Ordinal) && !reconciler.HasRival(claim, told)
                : client.Identity.Compare(claim.Origin.Account) == SameAccount.Yes
                    && (client.Identity.IsProvenToBe(claim.Origin.Account) || string.Equals(claim.Origin.ClientName, clientName, StringComparison.Ordinal) || client.Serves(claim.Origin.Environment)),
            told,
            client.Settings.Current.Options.Reconciliation);
    }

    private ReconciliationOptions OptionsOf(Claim claim) => clients.Find(claim.Origin.ClientName)?.Settings.Current.Options.Reconciliation ?? new ReconciliationOptions();

    private static Claim ClaimOf(InDoubtOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        return order.Claim ?? throw new ArgumentException("The order is not one that List() returned, so it cannot be distinguished from others of the same id.", nameof(order));
    }
}
