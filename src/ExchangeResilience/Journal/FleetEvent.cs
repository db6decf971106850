namespace ExchangeResilience;

/// <summary>Something that another process did.</summary>
internal abstract record FleetEvent
{
    private FleetEvent()
    {
    }

    /// <summary>The exchange asked another process to wait.</summary>
    /// <param name="Hold">The hold. Its end by the local wall clock was counted from this process's own.</param>
    public sealed record HoldTold(JournalHold Hold) : FleetEvent;

    /// <summary>Their holder is gone, and this process holds them from now on.</summary>
    /// <param name="Entries">The entries, unfinished.</param>
    public sealed record TakenOver(IReadOnlyList<JournalEntry> Entries) : FleetEvent;

    /// <summary>An entry that blocked this process is settled.</summary>
    /// <param name="Entry">The entry with its verdict.</param>
    public sealed record Settled(JournalEntry Entry) : FleetEvent;
}
