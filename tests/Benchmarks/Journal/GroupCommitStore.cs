using ExchangeResilience;
using ExchangeResilience.Journal;
using ExchangeResilience.Sqlite;

namespace Benchmarks.Journal;

/// <summary>The journal as a program gets it from <c>AddSqliteOrderJournal</c>.</summary>
internal sealed class GroupCommitStore(string file) : IIntentStore
{
    private readonly SqliteOrderJournal _journal = new(new() { Path = file }, TimeProvider.System);
    private int _refused;

    public async Task RecordAsync(JournalEntry order)
    {
        if (await _journal.RecordAsync(order, CancellationToken.None) is not null)
        {
            throw new InvalidOperationException("An order was refused.");
        }
    }

    public void Settle(JournalEntry order) => _ = SettleAsync(order);

    public async Task DrainAsync()
    {
        // What is asked for last is answered last.
        await _journal.SettleAsync(JournalEntries.Order(0), CancellationToken.None);
        if (_refused > 0)
        {
            throw new InvalidOperationException($"{_refused} verdicts were refused.");
        }
    }

    public ValueTask DisposeAsync() => _journal.DisposeAsync();

    private async Task SettleAsync(JournalEntry order)
    {
        if (!await _journal.SettleAsync(order, CancellationToken.None))
        {
            Interlocked.Increment(ref _refused);
        }
    }
}
