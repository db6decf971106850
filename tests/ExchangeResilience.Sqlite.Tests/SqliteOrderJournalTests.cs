using ExchangeResilience.Journal;

namespace ExchangeResilience.Sqlite.Tests;

/// <summary>Everything a journal must do, on SQLite.</summary>
public sealed class SqliteOrderJournalTests : OrderJournalContract
{
    private readonly JournalFolder _folder = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    protected override IOrderJournal Create() => _folder.Journal();
}
