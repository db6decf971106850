using System.Diagnostics;
using System.Globalization;
using Benchmarks.Measuring;
using ExchangeResilience;
using ExchangeResilience.Journal;
using ExchangeResilience.PostgreSql;
using Spectre.Console;

namespace Benchmarks.Fleet;

/// <summary>What a heartbeat, an order and a deletion cost where so many entries are finished.</summary>
internal static class Heartbeats
{
    private const int Portion = 50_000;
    private const int Orders = 50;
    private const int Beats = 20;
    private const int Deleted = 5000;

    public static async Task MeasureAsync(Report report, FleetDatabase database, IReadOnlyList<int> sizes)
    {
        var table = Report.NewTable("finished entries", "size of table and indexes", "heartbeat ms", "of it server ms", "order looked up and written ms", "5,000 deleted ms", "sequential scans", "rows met by index, per order and heartbeat");
        var filled = 0;
        foreach (var size in sizes)
        {
            await FillAsync(database, filled, size);
            filled = size;
            await MeasureAsync(table, database, size);
        }

        report.Add("Finished entries", table);
    }

    /// <summary>What a heartbeat costs in a fleet of so many, which do nothing here but stand in the table.</summary>
    public static async Task MeasureMembersAsync(Report report, FleetDatabase database, IReadOnlyList<int> sizes)
    {
        var table = Report.NewTable("members", "heartbeat ms", "of it server ms");
        var journal = new PostgreSqlJournal(new() { ConnectionString = database.ConnectionString }, dataSource: null, TimeProvider.System, new RandomSource(new Random()), listens: false);
        await using (journal)
        {
            foreach (var size in sizes)
            {
                await database.RunAsync(string.Create(CultureInfo.InvariantCulture, $$"""
                    INSERT INTO exchange_resilience.members (id, name, lease, lease_until) SELECT 'idle' || i, 'idle', '1 day', clock_timestamp() + interval '1 day' FROM generate_series(1, {{size}} - 1) AS i ON CONFLICT DO NOTHING
                    """));
                await database.RunAsync("ANALYZE exchange_resilience.members");
                var (beats, server) = await BeatAsync(database, journal);
                table.AddRow(Comparison.Text(size, "#,0"), Comparison.Text(beats, "0.0"), Comparison.Text(server, "0.0"));
            }
        }

        await database.RunAsync("DELETE FROM exchange_resilience.members WHERE name = 'idle'");
        report.Add("A heartbeat of one of many", table);
    }

    private static async Task<(double Median, double Server)> BeatAsync(FleetDatabase database, PostgreSqlJournal journal)
    {
        await journal.OpenAsync(CancellationToken.None);
        await database.RunAsync("SELECT pg_stat_statements_reset()");
        var beats = new List<double>();
        for (var beat = 0; beat < Beats; beat++)
        {
            beats.Add(await TakesAsync(async () => await journal.OpenAsync(CancellationToken.None)));
        }

        return (Comparison.Median(beats), (await database.CountAsync()).ServerMs / Beats);
    }

    private static async Task FillAsync(FleetDatabase database, int from, int to)
    {
        for (; from < to; from += Portion)
        {
            await database.RunAsync(string.Create(CultureInfo.InvariantCulture, $$"""
                SET synchronous_commit = off;
                INSERT INTO exchange_resilience.entries (id, environment, account, symbol, kind, name, holder, state, finished_at, document)
                    SELECT 'f' || i, 'live', 'main', 'BTCUSDT', 'Place', 'f' || i, 'gone', 'Executed', clock_timestamp() - interval '1 hour', '{"attempts": []}'
                    FROM generate_series({{from + 1}}, {{Math.Min(from + Portion, to)}}) AS i
                """));
            if ((from + Portion) % 1_000_000 == 0)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{from + Portion:#,0} of {to:#,0} finished entries"));
            }
        }

        await database.RunAsync("VACUUM (ANALYZE) exchange_resilience.entries");
    }

    private static async Task MeasureAsync(Table table, FleetDatabase database, int size)
    {
        var (scans, rows) = await database.ReadsAsync();
        var orders = new List<double>();
        (double Median, double Server) beat;
        var journal = new PostgreSqlJournal(new() { ConnectionString = database.ConnectionString }, dataSource: null, TimeProvider.System, new RandomSource(new Random()), listens: false);
        await using (journal)
        {
            await journal.OpenAsync(CancellationToken.None);
            foreach (var number in Enumerable.Range(1, Orders))
            {
                var order = JournalEntries.Order(number, journal.Member[..8]) with { Run = journal.Member, Key = JournalEntries.Order(number).Key with { Id = string.Create(CultureInfo.InvariantCulture, $"at-{size}-{number}") } };
                orders.Add(await TakesAsync(async () =>
                {
                    if (await journal.FindAsync(order, CancellationToken.None) is not null || await journal.RecordAsync(order, CancellationToken.None) is not null)
                    {
                        throw new InvalidOperationException("An order was refused.");
                    }
                }));
                await journal.SettleAsync(order.Settled(JournalState.Executed, at: TimeProvider.System.GetUtcNow()), CancellationToken.None);
            }

            beat = await BeatAsync(database, journal);
        }

        var (laterScans, laterRows) = await database.ReadsAsync();
        await database.RunAsync(string.Create(CultureInfo.InvariantCulture, $$"""
            INSERT INTO exchange_resilience.entries (id, environment, account, symbol, kind, name, holder, state, finished_at, document)
                SELECT 'old' || i, 'live', 'main', 'BTCUSDT', 'Place', 'old' || i, 'gone', 'Executed', clock_timestamp() - interval '8 days', '{"attempts": []}' FROM generate_series(1, {{Deleted}}) AS i
            """));
        var deletion = await database.RunAsync(string.Create(CultureInfo.InvariantCulture, $"SELECT exchange_resilience.sweep_entries('7 days', {Deleted})"));
        var bytes = (long)(await database.AskAsync("SELECT pg_total_relation_size('exchange_resilience.entries')"))!;
        table.AddRow(
            Comparison.Text(size, "#,0"), Comparison.Text(bytes / 1e6, "#,0 'MB'"), Comparison.Text(beat.Median, "0.0"), Comparison.Text(beat.Server, "0.0"),
            Comparison.Text(Comparison.Median(orders), "0.0"), Comparison.Text(deletion, "#,0"), Comparison.Text(laterScans - scans, "0"), Comparison.Text((double)(laterRows - rows) / (Orders + Beats), "0.0"));
    }

    private static async Task<double> TakesAsync(Func<Task> work)
    {
        var since = Stopwatch.GetTimestamp();
        await work();
        return Stopwatch.GetElapsedTime(since).TotalMilliseconds;
    }
}
