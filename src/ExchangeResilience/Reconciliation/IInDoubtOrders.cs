namespace ExchangeResilience;

/// <summary>The orders in doubt in this process, and their verdicts.</summary>
public interface IInDoubtOrders
{
    /// <summary>The orders in doubt at this moment.</summary>
    IReadOnlyList<InDoubtOrder> List();

    /// <summary>The orders for which a cancel is kept that the exchange has not answered yet: still in doubt, or found and about to be cancelled.</summary>
    IReadOnlyList<InDoubtOrder> KeptCancels();

    /// <summary>Waits until an order is settled, however long that takes. Its verdict counts as delivered by that.</summary>
    /// <param name="order">One that <see cref="List"/> gave.</param>
    /// <param name="cancellationToken">Ends the wait; the search goes on.</param>
    Task<InDoubtVerdict> WaitAsync(InDoubtOrder order, CancellationToken cancellationToken = default);

    /// <summary>Starts the search for an order again that had ended without a verdict, for example after a key was mended.</summary>
    /// <param name="order">One that <see cref="List"/> gave.</param>
    /// <returns>False where it is being searched for, here or by the process that holds it, has been settled, or no client can look it up.</returns>
    bool AskAgain(InDoubtOrder order);

    /// <summary>Settles an order by an operator's decision. Each caller that waits gets the verdict; the journal keeps the operator's name and reason.</summary>
    /// <param name="order">One that <see cref="List"/> gave.</param>
    /// <param name="execution">Whether it took effect, as the exchange's own records show.</param>
    /// <param name="by">Who says so.</param>
    /// <param name="reason">On what evidence.</param>
    /// <returns>False where evidence has settled it already, or another process of the fleet holds it: there it can be settled.</returns>
    /// <exception cref="ArgumentException"><paramref name="execution"/> is <see cref="ExecutionStatus.Unknown"/>, or a text is blank.</exception>
    bool Settle(InDoubtOrder order, ExecutionStatus execution, string by, string reason);

    /// <summary>Takes an event of the user data stream as evidence, so that a verdict need not wait for the next look-up.</summary>
    /// <param name="clientName">The named client whose account the stream belongs to. Of one without a key, an event that may show orders of two accounts settles neither.</param>
    /// <param name="payload">
    /// The event as it came, <c>ORDER_TRADE_UPDATE</c> or <c>ALGO_UPDATE</c>; others are ignored. What counts is the event of the order's creation (<c>x</c> is <c>NEW</c>) and of its amendment: a
    /// later one does not say when the order was placed, and may be of an earlier order of that id. Of an order that was given its id here each counts.
    /// </param>
    /// <returns>Whether it settled an order.</returns>
    /// <exception cref="ArgumentException">The program has no client of that name with exchange error handling.</exception>
    bool OfferUserData(string clientName, ReadOnlyMemory<byte> payload);

    /// <summary>An order reported as not executed was seen at the exchange later. Act at once: a position may exist that the program does not count.</summary>
    event EventHandler<AbsenceContradictedEventArgs>? AbsenceContradicted;

    /// <summary>Evidence, or an operator, settled an order that was in doubt.</summary>
    event EventHandler<InDoubtSettledEventArgs>? Settled;

    /// <summary>A kept cancel was applied, was needless, or has expired.</summary>
    event EventHandler<KeptCancelEndedEventArgs>? KeptCancelEnded;
}
