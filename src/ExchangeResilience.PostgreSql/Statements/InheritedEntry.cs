namespace ExchangeResilience.PostgreSql;

/// <summary>An entry, and how often it has changed hands.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Fence">How often it has changed hands.</param>
/// <param name="Entry">Its document; null where that cannot be read.</param>
internal sealed record InheritedEntry(string Id, long Fence, JournalEntry? Entry)
{
    /// <summary>The symbol of its order.</summary>
    public required string Symbol { get; init; }

    /// <summary>The id of its order.</summary>
    public required string Name { get; init; }
}
