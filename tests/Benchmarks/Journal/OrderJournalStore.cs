using ExchangeResilience;
using ExchangeResilience.Journal;
using ExchangeResilience.PostgreSql;
using ExchangeResilience.Sqlite;

namespace Benchmarks.Journal;

/// <summary>A journal as a program gets it from the library.</summary>
internal sealed class OrderJournalStore(IOrderJournal journal, params IAsyncDisposable[] owned) : IIntentStore
{
    private int _refused;

    /// <summary>What <c>AddSqliteOrderJournal</c> adds.</summary>
    public static IIntentStore InSqlite(string file)
    {
        var journal = new SqliteOrderJournal(new() { Path = file }, TimeProvider.System);
        return new OrderJournalStore(journal, journal);
    }

    /// <summary>What <c>AddPostgreSqlExchangeState</c> adds, on a server of its own on this machine; null where there is none to start.</summary>
    public static async Task<IIntentStore?> InPostgreSqlAsync()
    {
        LocalPostgreSql server;
        try
        {
            server = await LocalPostgreSql.StartAsync(CancellationToken.None);
        }
        catch (InvalidOperationException)
        {
            return null;
        }

        var journal = new PostgreSqlJournal(new() { ConnectionString = server.ConnectionString }, dataSource: null, TimeProvider.System, new RandomSource(new Random(1)));
        await journal.OpenAsync(CancellationToken.None);
        return new OrderJournalStore(journal, journal, server);
    }

    public async Task RecordAsync(JournalEntry order)
    {
        if (await journal.RecordAsync(order, CancellationToken.None) is not null)
        {
            throw new InvalidOperationException("An order was refused.");
        }
    }

    public void Settle(JournalEntry order) => _ = SettleAsync(order);

    public async Task DrainAsync()
    {
        // What is asked for last is answered last.
        await journal.SettleAsync(JournalEntries.Order(0), CancellationToken.None);
        if (_refused > 0)
        {
            throw new InvalidOperationException($"{_refused} verdicts were refused.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in owned)
        {
            await one.DisposeAsync();
        }
    }

    private async Task SettleAsync(JournalEntry order)
    {
        if (!await journal.SettleAsync(order, CancellationToken.None))
        {
            Interlocked.Increment(ref _refused);
        }
    }
}
