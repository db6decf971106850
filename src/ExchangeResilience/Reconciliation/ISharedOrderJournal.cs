namespace ExchangeResilience;

/// <summary>
/// A journal that living processes share. Each unfinished entry is held by one of them, which alone searches for its truth and writes its verdict; the others wait to be told.
/// What a dead process held is another's after a while.
/// </summary>
/// <remarks>
/// <see cref="IOrderJournal.OpenAsync"/> gives the entries that are this process's by then. <see cref="IOrderJournal.RecordAsync"/> refuses an attempt of an entry that has
/// been taken from this process, as if somebody had settled it; <see cref="IOrderJournal.SettleAsync"/> writes nothing about an unsettled entry that another process holds,
/// and about a settled one only that its verdict was heard.
/// </remarks>
internal interface ISharedOrderJournal : IOrderJournal
{
    /// <summary>
    /// Under which this process holds entries. New with each service provider. It is the <see cref="JournalEntry.Run"/> of those in doubt; a verdict stays the run's that gave it,
    /// whoever does what remains to be done about it.
    /// </summary>
    string Member { get; }

    /// <summary>Whether this process can ask the exchange about an entry, and so take it over from the dead; null where it can about every one. Told before the journal is opened.</summary>
    Func<JournalEntry, bool>? Serves { get; set; }

    /// <summary>How the fleet stands, as far as this process knows.</summary>
    FleetStatus Fleet { get; }

    /// <summary>
    /// What concerns this process and was done elsewhere, as it becomes known. For one reader, once the journal is open. A lost connection does not end it: what was missed
    /// is read when there is another.
    /// </summary>
    /// <param name="cancellationToken">Ends it.</param>
    IAsyncEnumerable<FleetNews> ListenAsync(CancellationToken cancellationToken);
}

/// <summary>Something that another process did.</summary>
internal abstract record FleetNews
{
    private FleetNews()
    {
    }

    /// <summary>The exchange told another process to wait.</summary>
    /// <param name="Hold">The hold. Its end by the local wall clock was counted from this process's own.</param>
    public sealed record HoldTold(JournalHold Hold) : FleetNews;

    /// <summary>Their holder is gone, and this process holds them from now on.</summary>
    /// <param name="Entries">The entries, unfinished.</param>
    public sealed record TakenOver(IReadOnlyList<JournalEntry> Entries) : FleetNews;

    /// <summary>An entry that stood in this process's way is settled.</summary>
    /// <param name="Entry">The entry with its verdict.</param>
    public sealed record Settled(JournalEntry Entry) : FleetNews;
}

/// <summary>The fleet, as one process knows it.</summary>
/// <param name="Member">The process itself.</param>
/// <param name="StoreFault">Why the shared store cannot be reached; null while it can.</param>
/// <param name="StoreFaultSince">Since when, by the local wall clock.</param>
/// <param name="Members">The living, and those whose lease has run out while they still hold something.</param>
/// <param name="Holds">The holds in force, and who was told.</param>
internal sealed record FleetStatus(
    string Member, string? StoreFault, DateTimeOffset? StoreFaultSince, IReadOnlyList<FleetMember> Members, IReadOnlyList<FleetHold> Holds);

/// <summary>One process of the fleet.</summary>
/// <param name="Id">Under which it holds entries.</param>
/// <param name="Name">Its name for people: by default the machine's and the process's number.</param>
/// <param name="Uptime">How long it has been a member.</param>
/// <param name="LeaseLeft">What is left of its lease; not positive once others may take over what it holds.</param>
/// <param name="Unfinished">How many entries it holds.</param>
internal sealed record FleetMember(string Id, string Name, TimeSpan Uptime, TimeSpan LeaseLeft, int Unfinished);

/// <summary>A hold, and whose it is.</summary>
/// <param name="Hold">The hold.</param>
/// <param name="ToldTo">The name of the process that the exchange told.</param>
internal sealed record FleetHold(JournalHold Hold, string ToldTo);
