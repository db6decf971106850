using System.Diagnostics;
using System.Globalization;
using Benchmarks.Measuring;
using ExchangeResilience;
using ExchangeResilience.Journal;
using ExchangeResilience.PostgreSql;
using Spectre.Console;

namespace Benchmarks.Fleet;

/// <summary>What a fleet asks of its database, counted by the database, and what that costs an order.</summary>
internal static class FleetBench
{
    private static readonly Effort Thorough = new([1, 4, 16, 32], TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(30), [10_000, 1_000_000, 10_000_000], [10, 100, 1000, 10_000]);
    private static readonly Effort Quick = new([1, 4], TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3), [10_000, 50_000], [10, 100]);

    public static async Task MeasureAsync(Report report, RunOptions options)
    {
        if (await FleetDatabase.StartAsync() is not { } database)
        {
            report.Note("Left out: there is no PostgreSQL on this machine.");
            return;
        }

        await using (database)
        {
            var effort = options.Quick ? Quick : Thorough;
            var loaded = new List<FleetRun>();
            var alone = new List<FleetRun>();
            var limited = new List<FleetRun>();
            foreach (var members in effort.Members)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{members} members"));
                alone.Add(await FleetRun.WithoutStoreAsync(members, FleetLimits.None, effort.Loaded / 2));
                loaded.Add(await FleetRun.WithStoreAsync(database, members, FleetLimits.None, effort.Loaded));
                limited.Add(await FleetRun.WithStoreAsync(database, members, FleetLimits.OfTheExchange, effort.Limited));
            }

            Show(report, "As many orders as the machine can place", loaded, alone);
            Show(report, "As many orders as the exchange allows: 300 in 10 s", limited, alone: null);
            await Heartbeats.MeasureMembersAsync(report, database, effort.Fleets);
            await Heartbeats.MeasureAsync(report, database, effort.Finished);
            await FreezeAsync(report, database);
            report.Note(
                """
                Eight callers a member, in one process with all members and beside the server, so that they all share the processors. The exchange answers after 5 ms. Round trips and statements are the server's own count
                (`pg_stat_database`, `pg_stat_statements`), heartbeats every 5 s included; what the same members ask that join, place eight orders each and leave is taken off. Commits are the transactions that an order or a verdict
                waited for. Added is the median over that of the same members without a store. Server time is that of the statements, waits for each other's locks included.
                """);
        }
    }

    private static void Show(Report report, string title, List<FleetRun> runs, List<FleetRun>? alone)
    {
        var table = Report.NewTable("members", "orders/s", "commits per order", "round trips per order", "of them grants", "statements per order", "server ms per order", "p50 ms", "p99 ms", "added p50 ms");
        foreach (var (run, index) in runs.Select(static (run, index) => (run, index)))
        {
            table.AddRow(
                Comparison.Text(run.Members, "0"), Comparison.Text(run.Orders / run.Seconds, "#,0"), PerOrder(run.Commits), PerOrder(run.Count.RoundTrips), PerOrder(run.Grants), PerOrder(run.Count.Statements),
                PerOrder(run.Count.ServerMs), Comparison.Text(run.P50, "0.0"), Comparison.Text(run.P99, "0.0"), alone is null ? "" : Comparison.Text(run.P50 - alone[index].P50, "0.0"));

            string PerOrder(double amount) => Comparison.Text(amount / Math.Max(1, run.Orders), "0.00");
        }

        report.Add(title, table);
    }

    /// <summary>Stops the server where it stands, and sees how long an order waits until it is refused.</summary>
    private static async Task FreezeAsync(Report report, FleetDatabase database)
    {
        var table = Report.NewTable("CommandTimeout", "an order is refused after", "room is refused after", "the next order after");
        foreach (var timeout in (TimeSpan[])[TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)])
        {
            var journal = new PostgreSqlJournal(new() { ConnectionString = database.ConnectionString, CommandTimeout = timeout }, dataSource: null, TimeProvider.System, new RandomSource(new Random()), listens: false);
            await using (journal)
            {
                await journal.OpenAsync(CancellationToken.None);
                await journal.FindAsync(JournalEntries.Order(1), CancellationToken.None);
                await AskAsync(journal, 1);
                await database.FreezeAsync();
                try
                {
                    var order = RefusedAfterAsync(async () => await journal.RecordAsync(JournalEntries.Order(1), CancellationToken.None));
                    var room = RefusedAfterAsync(async () => await AskAsync(journal, 2));
                    await Task.WhenAll(order, room);
                    var next = await RefusedAfterAsync(async () => await journal.RecordAsync(JournalEntries.Order(2), CancellationToken.None));
                    table.AddRow(Seconds(timeout), Seconds(await order), Seconds(await room), Seconds(next));
                }
                finally
                {
                    await database.ThawAsync();
                }
            }
        }

        report.Add("A server that is stopped where it stands", table);

        static string Seconds(TimeSpan time) => Comparison.Text(time.TotalSeconds, "0.00 's'");
    }

    private static ValueTask<BudgetGrant> AskAsync(PostgreSqlJournal journal, int window) =>
        journal.Budget.AskAsync(new(new("live", TrafficLane.Ip, "default", TimeSpan.FromMinutes(1)), window, 1, 10, 1, 10, 0, 0), CancellationToken.None);

    private static async Task<TimeSpan> RefusedAfterAsync(Func<Task> work)
    {
        var since = Stopwatch.GetTimestamp();
        try
        {
            await work();
        }
        catch (JournalException)
        {
            return Stopwatch.GetElapsedTime(since);
        }

        throw new InvalidOperationException("A stopped server answered.");
    }

    private sealed record Effort(int[] Members, TimeSpan Loaded, TimeSpan Limited, int[] Finished, int[] Fleets);
}
