namespace ExchangeResilience.PostgreSql;

/// <summary>Entries whose holder is gone and that are alike: of one account, for one endpoint.</summary>
/// <param name="Likeness">What is alike.</param>
/// <param name="Entry">One of them; null where it cannot be read.</param>
internal sealed record Orphan(string Likeness, JournalEntry? Entry);
