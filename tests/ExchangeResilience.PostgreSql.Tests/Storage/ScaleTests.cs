using ExchangeResilience.Journal;
using ExchangeResilience.Testing;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests.Storage;

/// <summary>No statement reads what is finished, however much of it there is.</summary>
public sealed class ScaleTests(PostgreSqlServer server, ITestOutputHelper output) : IAsyncDisposable
{
    private const int Finished = 1_000_000;
    private const int Chunk = 50_000;
    private const int Old = 12_000;
    private readonly TestStore _store = new(server.ConnectionString);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task At_a_million_finished_entries_nothing_reads_them_and_what_is_old_goes(bool statisticsAreOfTheFirstDay)
    {
        await using (var first = await _store.JoinAsync(listens: false))
        {
            (await first.RecordAsync(Order(1) with { Run = first.Member }, Stop)).ShouldBeNull();
        }

        if (statisticsAreOfTheFirstDay)
        {
            // All there is is unfinished, and nobody looks again.
            await _store.RunAsync("ANALYZE {schema}.entries; ALTER TABLE {schema}.entries SET (autovacuum_enabled = off)");
        }

        for (var from = 1; from <= Finished; from += Chunk)
        {
            await _store.RunAsync(
                $$"""
                SET LOCAL synchronous_commit = off;
                INSERT INTO {schema}.entries (id, environment, account, symbol, kind, name, holder, state, finished_at, document)
                    SELECT 'f' || i, 'live', 'main', 'BTCUSDT', 'Place', 'f' || i, 'x', 'Executed', clock_timestamp() - CASE WHEN i <= {{Old}} THEN interval '8 days' ELSE interval '1 hour' END, '{"attempts": []}'
                    FROM generate_series({{from}}, {{from + Chunk - 1}}) AS i
                """);
        }

        if (!statisticsAreOfTheFirstDay)
        {
            await _store.RunAsync("ANALYZE {schema}.entries");
        }

        var (scans, reads) = await CountAsync();
        var since = TimeProvider.System.GetTimestamp();
        const int Orders = 50;

        await using (var member = _store.Member(listens: false, connectionString: server.ConnectionString))
        {
            (await member.OpenAsync(Stop)).Entries.ShouldHaveSingleItem("what the first left");
            for (var number = 2; number < 2 + Orders; number++)
            {
                var order = Order(number) with { Run = member.Member };
                (await member.FindAsync(order, Stop)).ShouldBeNull();
                (await member.RecordAsync(order, Stop)).ShouldBeNull();
                (await member.SettleAsync(order.Settled(JournalState.Executed), Stop)).ShouldBeTrue();
            }

            await member.OpenAsync(Stop);
            await _store.RunAsync("SELECT {schema}.sweep('7 days', 0)");
            await _store.RunAsync("UPDATE {schema}.entries SET holder = 'gone' WHERE name = 'order-1'");
            (await member.OpenAsync(Stop)).Entries.ShouldHaveSingleItem("taken over once more");
            output.WriteLine($"{Orders} orders and three heartbeats at {Finished} rows: {TimeProvider.System.GetElapsedTime(since).TotalMilliseconds:0} ms");
        }

        // The server counts what a session has read when that ends.
        var (laterScans, laterReads) = await CountAsync();
        laterScans.ShouldBe(scans);
        (laterReads - reads).ShouldBeLessThan(20L * Orders);

        ((int)(await _store.AskAsync("SELECT {schema}.sweep_entries('7 days', 10000)"))!).ShouldBe(10000);
        ((int)(await _store.AskAsync("SELECT {schema}.sweep_entries('7 days', 10000)"))!).ShouldBe(Old - 10000);
        (await _store.AskAsync("SELECT {schema}.sweep_entries('7 days', 10000)")).ShouldBe(0);
    }

    [Fact]
    public async Task A_heartbeat_deletes_all_that_is_old()
    {
        await using var member = new PostgreSqlJournal(
            new() { Schema = _store.Schema, ConnectionString = server.ConnectionString, Lease = TimeSpan.FromSeconds(3) }, null, TimeProvider.System, new RandomSource(new Random()), listens: false);
        await member.OpenAsync(Stop);
        await _store.RunAsync(
            $$"""
            INSERT INTO {schema}.entries (id, environment, account, symbol, kind, name, holder, state, finished_at, document)
                SELECT 'f' || i, 'live', 'main', 'BTCUSDT', 'Place', 'f' || i, 'x', 'Executed', clock_timestamp() - interval '8 days', '{}' FROM generate_series(1, {{Old}}) AS i
            """);

        while (await _store.AskAsync("SELECT count(*) FROM {schema}.entries") is not 0L)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
        }
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private async Task<(long Scans, long Reads)> CountAsync()
    {
        var last = (-1L, -1L);
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Stop);
            var now = (
                (long)(await _store.AskAsync("SELECT seq_scan FROM pg_stat_user_tables WHERE schemaname = $1 AND relname = 'entries'", _store.Schema))!,
                (long)(await _store.AskAsync("SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE schemaname = $1 AND relname = 'entries'", _store.Schema))!);
            if (now == last)
            {
                return now;
            }

            last = now;
        }
    }
}
