namespace ExchangeResilience.Testing;

/// <summary>
/// What every <see cref="IOrderJournal"/> must do, as checks for a journal of one's own. Each rule is a sentence; a test framework runs one test for each of <see cref="Names"/>.
/// </summary>
public static class OrderJournalRules
{
    /// <summary>The rules.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. JournalRules.All.Keys];

    /// <summary>Checks one rule on a store that is empty.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="open">
    /// Gives a journal on the same store each time, one that is not open yet: as a restarted process would have, or another one beside the first. It may be the same object each time. Those
    /// that can be disposed of are, at the end.
    /// </param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="ArgumentException">There is no such rule.</exception>
    /// <exception cref="InvalidOperationException">The journal breaks the rule; the message says which, and what was seen.</exception>
    public static async Task CheckAsync(string name, Func<IOrderJournal> open, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(open);
        if (!JournalRules.All.TryGetValue(name, out var rule))
        {
            throw new ArgumentException($"There is no rule '{name}'. Names has them all.", nameof(name));
        }

        var store = new CheckedStore(name, open, cancellationToken);
        await using (store.ConfigureAwait(false))
        {
            await rule(store).ConfigureAwait(false);
        }
    }
}
