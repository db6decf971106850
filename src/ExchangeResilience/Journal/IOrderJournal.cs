namespace ExchangeResilience;

/// <summary>
/// Where orders are written down before they leave, so that their outcome survives the process that sent them. One journal serves all clients of a service
/// provider; several processes may share one.
/// </summary>
/// <remarks>
/// Calls arrive from many threads at once. An implementation carries out each call after those that were made before it about the same key, and gathers what arrives
/// together into one commit. None may block the thread that makes the call. Failures are thrown as <see cref="JournalException"/>; nothing else may be thrown but cancellation.
/// An order waits for it as long as it may leave, and is then refused; everything else waits a second for it to open, once, and goes on without it.
/// </remarks>
public interface IOrderJournal
{
    /// <summary>Opens the journal, brings its schema up to date, and reads what an earlier run left behind. Called before anything else, and again after it has failed.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// Every entry that <see cref="JournalEntry.IsFinished"/> does not call finished, and every hold. An entry that cannot be read is reported and left out; a new one of its name
    /// is then refused with a <see cref="JournalException"/>, all others are not.
    /// </returns>
    ValueTask<JournalContents> OpenAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Reads the holds alone, and writes nothing, so that a ban is known even while the journal cannot be opened for writing. Asked before each <see cref="OpenAsync"/>; it should
    /// answer within a second, past which requests go on without the holds.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Every hold that can be read; none where a journal does not implement this: its holds are then known once it is open.</returns>
    ValueTask<IReadOnlyList<JournalHold>> ReadHoldsAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<JournalHold>>([]);

    /// <summary>Writes an entry with its newest attempt. The request may leave as soon as this completes: the entry is on stable storage then.</summary>
    /// <param name="entry">The entry as it is now; it replaces the one of its <see cref="JournalEntry.Id"/>.</param>
    /// <param name="cancellationToken">Ends the wait; the entry may be written all the same.</param>
    /// <returns>
    /// Null where the entry was written. Otherwise nothing was, and this is the entry that blocks it: its own, which another process has settled; or what
    /// <see cref="JournalEntry.FindInTheWay"/> finds among the others of the same symbol, kind and id.
    /// </returns>
    ValueTask<JournalEntry?> RecordAsync(JournalEntry entry, CancellationToken cancellationToken);

    /// <summary>
    /// Reads what <see cref="RecordAsync"/> would answer, and writes nothing. Called before an order is refused that an earlier run may have sent: its caller must not get the answer that
    /// it was not executed.
    /// </summary>
    /// <param name="entry">The entry that would be written.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The entry that blocks it; null where none does.</returns>
    /// <exception cref="JournalException">It cannot be read; always, where a journal does not implement this. The order is then reported as unknown.</exception>
    ValueTask<JournalEntry?> FindAsync(JournalEntry entry, CancellationToken cancellationToken) =>
        ValueTask.FromException<JournalEntry?>(new JournalException("This order journal cannot look an order up. Implement IOrderJournal.FindAsync."));

    /// <summary>Writes the progress of an entry: its verdict, that it was delivered, that it was looked up again.</summary>
    /// <param name="entry">The entry as it is now.</param>
    /// <param name="cancellationToken">Ends the wait; the entry may be written all the same.</param>
    /// <returns>
    /// False where nothing was written, because the journal does not hold the entry, or <see cref="JournalEntry.SettledOver"/>, which gives what is written, has nothing: the journal
    /// holds attempts that <paramref name="entry"/> does not know, or another verdict.
    /// </returns>
    ValueTask<bool> SettleAsync(JournalEntry entry, CancellationToken cancellationToken);

    /// <summary>Keeps a hold, unless a longer one of the same lane is kept already.</summary>
    /// <param name="hold">The hold.</param>
    /// <param name="cancellationToken">Ends the wait; the hold may be written all the same.</param>
    ValueTask HoldAsync(JournalHold hold, CancellationToken cancellationToken);
}
