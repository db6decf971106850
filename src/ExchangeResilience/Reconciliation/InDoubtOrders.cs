using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>An order whose outcome is unknown.</summary>
/// <param name="Symbol">The symbol, for example BTCUSDT; empty where the request named none.</param>
/// <param name="ClientOrderId">The id to look for; the exchange's own id where the request named no other.</param>
/// <param name="Kind">Whether it was placed or amended.</param>
public sealed record InDoubtOrder(string Symbol, string ClientOrderId, OperationKind Kind)
{
    /// <summary>The named client it was sent through.</summary>
    public string ClientName { get; init; } = "";

    /// <summary>Whose order it is: the account's name, or a hash of its API key.</summary>
    public string Account { get; init; } = "";

    /// <summary>When it was claimed, by the local wall clock.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>How the search for its truth stands.</summary>
    public InDoubtState State { get; init; }

    /// <summary>What was asked about it and answered, oldest first.</summary>
    public IReadOnlyList<string> Trail { get; init; } = [];

    /// <summary>What became of a cancel that named the order while its outcome was unknown; null where none did.</summary>
    public KeptCancelFate? KeptCancel { get; init; }

    internal Claim? Claim { get; init; }

    /// <summary>Two are equal if they name the same order, however much is known of it.</summary>
    public bool Equals(InDoubtOrder? other) =>
        other is not null
        && Kind == other.Kind
        && string.Equals(Symbol, other.Symbol, StringComparison.Ordinal)
        && string.Equals(ClientOrderId, other.ClientOrderId, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Symbol, ClientOrderId, Kind);
}

/// <summary>How an order that was in doubt ended.</summary>
/// <param name="Execution">Whether it took effect.</param>
/// <param name="Evidence">What proved it, or who said so and why.</param>
public sealed record InDoubtVerdict(ExecutionStatus Execution, string Evidence);

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

/// <summary>How a cancel ended that was kept for an order of unknown outcome.</summary>
public sealed class KeptCancelEndedEventArgs : EventArgs
{
    internal KeptCancelEndedEventArgs(InDoubtOrder order, KeptCancelFate fate)
    {
        Order = order;
        Fate = fate;
    }

    /// <summary>The order it named.</summary>
    public InDoubtOrder Order { get; }

    /// <summary>What became of it; never <see cref="KeptCancelFate.Kept"/>.</summary>
    public KeptCancelFate Fate { get; }
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

    /// <summary>The orders for which a cancel is kept that the exchange has not answered yet: still in doubt, or found and about to be cancelled.</summary>
    IReadOnlyList<InDoubtOrder> KeptCancels();

    /// <summary>Waits until an order is settled, however long that takes. Its verdict counts as told by that.</summary>
    /// <param name="order">One that <see cref="List"/> gave.</param>
    /// <param name="cancellationToken">Ends the wait; the search goes on.</param>
    Task<InDoubtVerdict> WaitAsync(InDoubtOrder order, CancellationToken cancellationToken = default);

    /// <summary>Starts the search for an order again that had ended without a verdict, for example after a key was mended.</summary>
    /// <param name="order">One that <see cref="List"/> gave.</param>
    /// <returns>False where it is being searched for, here or by the process that holds it, has been settled, or nobody can ask.</returns>
    bool AskAgain(InDoubtOrder order);

    /// <summary>Settles an order by an operator's word. Whoever waits for it is told; the journal keeps who said so and why.</summary>
    /// <param name="order">One that <see cref="List"/> gave.</param>
    /// <param name="execution">Whether it took effect, as the exchange's own records show.</param>
    /// <param name="by">Who says so.</param>
    /// <param name="reason">On what evidence.</param>
    /// <returns>False where evidence has settled it already, or another process of the fleet holds it: there it can be settled.</returns>
    /// <exception cref="ArgumentException"><paramref name="execution"/> is <see cref="ExecutionStatus.Unknown"/>, or a text is blank.</exception>
    bool Settle(InDoubtOrder order, ExecutionStatus execution, string by, string reason);

    /// <summary>Takes an event of the user data stream as evidence, so that a verdict need not wait for the next question.</summary>
    /// <param name="clientName">The named client whose account the stream belongs to.</param>
    /// <param name="payload">The event as it came, <c>ORDER_TRADE_UPDATE</c> or <c>ALGO_UPDATE</c>; others are ignored.</param>
    /// <returns>Whether it settled an order.</returns>
    /// <exception cref="ArgumentException">The program has no client of that name with exchange error handling.</exception>
    bool OfferUserData(string clientName, ReadOnlyMemory<byte> payload);

    /// <summary>An order reported as not executed was seen at the exchange later. Act at once: a position may exist that nobody counts.</summary>
    event EventHandler<AbsenceContradictedEventArgs>? AbsenceContradicted;

    /// <summary>Evidence, or an operator, settled an order that was in doubt.</summary>
    event EventHandler<InDoubtSettledEventArgs>? Settled;

    /// <summary>A kept cancel was applied, was needless, or has expired.</summary>
    event EventHandler<KeptCancelEndedEventArgs>? KeptCancelEnded;
}

/// <summary>Tells the application of orders in doubt; nobody else is told by it.</summary>
internal sealed class InDoubtNews(ExchangeMetrics metrics, ILogger<InDoubtNews> logger)
{
    private readonly HostThread _subscribers = new();

    public event EventHandler<AbsenceContradictedEventArgs>? AbsenceContradicted;

    public event EventHandler<InDoubtSettledEventArgs>? Settled;

    public event EventHandler<KeptCancelEndedEventArgs>? KeptCancelEnded;

    public static InDoubtOrder Describe(Claim claim) => new(claim.Operation.Symbol ?? "", claim.Key.Id, claim.Key.Kind)
    {
        ClientName = claim.Origin.ClientName,
        Account = claim.Origin.Account.Label,
        Since = claim.Since,
        State = claim.Search,
        Trail = claim.Trail.Read(),
        KeptCancel = claim.Cancel?.Fate,
        Claim = claim,
    };

    public void RaiseSettled(Claim claim, Verdict verdict, TimeSpan inDoubt)
    {
        metrics.Verdict(claim.Key.Kind, verdict.Execution, inDoubt);
        Raise(Settled, new InDoubtSettledEventArgs(Describe(claim), verdict.Execution, verdict.Evidence));
    }

    public void RaiseContradiction(Claim claim, OrderEvidence order)
    {
        metrics.Contradiction(claim.Key.Kind);
        Raise(AbsenceContradicted, new AbsenceContradictedEventArgs(Describe(claim), order.Status ?? ""));
    }

    public void RaiseCancelEnded(Claim claim, KeptCancelFate fate) => Raise(KeptCancelEnded, new KeptCancelEndedEventArgs(Describe(claim), fate));

    // One subscriber's fault must not cost the others their news, nor the order what is still to be done for it.
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
