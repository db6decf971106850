namespace ExchangeResilience;

/// <summary>What an earlier run left behind.</summary>
/// <param name="Entries">The entries that still need something, oldest first.</param>
/// <param name="Holds">The holds, one for each lane.</param>
public sealed record JournalContents(IReadOnlyList<JournalEntry> Entries, IReadOnlyList<JournalHold> Holds);
