namespace ExchangeResilience.Testing;

/// <summary>A store under a rule: its journals, and what they must answer.</summary>
internal sealed class CheckedStore(string rule, Func<IOrderJournal> open, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly List<IOrderJournal> _journals = [];

    public CancellationToken Stop => cancellationToken;

    /// <summary>A further journal on the store, not open yet.</summary>
    public IOrderJournal Another()
    {
        var journal = open();
        _journals.Add(journal);
        return journal;
    }

    public async Task<IOrderJournal> OpenAsync()
    {
        var journal = Another();
        await journal.OpenAsync(cancellationToken).ConfigureAwait(false);
        return journal;
    }

    /// <summary>What the next run finds.</summary>
    public async Task<JournalContents> RestartAsync() => await Another().OpenAsync(cancellationToken).ConfigureAwait(false);

    public async Task RecordAsync(IOrderJournal journal, JournalEntry entry) =>
        Expect(await journal.RecordAsync(entry, cancellationToken).ConfigureAwait(false) is null, $"{entry.Id} was not written, and nothing stands in its way");

    public async Task SettleAsync(IOrderJournal journal, JournalEntry entry) =>
        Expect(await journal.SettleAsync(entry, cancellationToken).ConfigureAwait(false), $"{entry.Id} could not be settled as {entry.State}");

    /// <summary>What is looked up is the entry that blocks the write; null where none does.</summary>
    public async Task MeetAsync(IOrderJournal journal, JournalEntry entry, JournalState? state)
    {
        var found = await journal.FindAsync(entry, cancellationToken).ConfigureAwait(false);
        var standing = await journal.RecordAsync(entry, cancellationToken).ConfigureAwait(false);
        Expect(string.Equals(found?.Id, standing?.Id, StringComparison.Ordinal), $"FindAsync answers {found?.Id ?? "null"}, and RecordAsync {standing?.Id ?? "null"}");
        Expect(standing?.State == state, $"{standing?.State.ToString() ?? "nothing"} blocks {entry.Id}, and not {state?.ToString() ?? "nothing"}");
    }

    public void Expect(bool isSo, string otherwise)
    {
        if (!isSo)
        {
            throw new InvalidOperationException($"The journal breaks the rule '{rule}': {otherwise}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var journal in _journals.Distinct(ReferenceEqualityComparer.Instance))
        {
            switch (journal)
            {
                case IAsyncDisposable disposable:
                    await disposable.DisposeAsync().ConfigureAwait(false);
                    break;
                case IDisposable disposable:
                    disposable.Dispose();
                    break;
            }
        }
    }
}
