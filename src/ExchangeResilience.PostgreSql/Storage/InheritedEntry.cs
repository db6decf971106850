namespace ExchangeResilience.PostgreSql;

/// <summary>An entry, and how often it has changed hands.</summary>
internal readonly record struct InheritedEntry(JournalEntry Entry, long Fence);
