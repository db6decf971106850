namespace ExchangeResilience;

/// <summary>
/// A journal that living processes share. Each unfinished entry is held by one of them, which alone searches for its outcome and writes its verdict; the others wait for its event.
/// What an ended process held passes to another after its lease.
/// </summary>
/// <remarks>
/// <see cref="IOrderJournal.OpenAsync"/> gives the entries that are this process's by then. <see cref="IOrderJournal.RecordAsync"/> refuses an attempt of an entry that has
/// been taken from this process, as if another process had settled it; <see cref="IOrderJournal.SettleAsync"/> writes nothing about an unsettled entry that another process holds,
/// and about a settled one only that its verdict was delivered.
/// </remarks>
internal interface ISharedOrderJournal : IOrderJournal
{
    /// <summary>
    /// Under which this process holds entries. New with each service provider. It is the <see cref="JournalEntry.Run"/> of those in doubt; a verdict stays the run's that gave it,
    /// the process that does what remains to be done about it.
    /// </summary>
    string Member { get; }

    /// <summary>Whether this process can look an entry up at the exchange, and so take it over from an ended process; null where it can for every one. Set before the journal is opened.</summary>
    Func<JournalEntry, bool>? Serves { get; set; }

    /// <summary>The state of the fleet, as far as this process knows.</summary>
    FleetStatus Fleet { get; }

    /// <summary>Ends when the store is found to be away; one that has not ended is given once it is back.</summary>
    CancellationToken WhileThere => CancellationToken.None;

    /// <summary>
    /// What concerns this process and was done elsewhere, as it becomes known. For one reader, once the journal is open. A lost connection does not end it: what was missed
    /// is read when there is another.
    /// </summary>
    IAsyncEnumerable<FleetEvent> ListenAsync(CancellationToken cancellationToken);
}
