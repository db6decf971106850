using System.Diagnostics;
using System.Globalization;
using Benchmarks.Measuring;
using ExchangeResilience;
using ExchangeResilience.Journal;
using Spectre.Console;

namespace Benchmarks.Journal;

/// <summary>
/// How many orders a second can be written down before they leave, beside the two ways anybody would try first. All are measured in turn in each round, so that a busy disk meets
/// them alike; the median round counts.
/// </summary>
internal static class JournalBench
{
    private static readonly Effort Thorough = new(Rounds: 7, Length: TimeSpan.FromSeconds(1), Warming: TimeSpan.FromSeconds(3));
    private static readonly Effort Quick = new(Rounds: 1, Length: TimeSpan.FromMilliseconds(100), Warming: TimeSpan.FromMilliseconds(100));
    private static readonly int[] Concurrencies = [1, 8, 64];

    private static readonly (string Name, Func<string, Task<IIntentStore?>> OpenAsync)[] Stores =
    [
        ("SQLite order journal", static file => Task.FromResult<IIntentStore?>(OrderJournalStore.InSqlite(file))),
        ("PostgreSQL order journal", static _ => OrderJournalStore.InPostgreSqlAsync()),
        ("SQLite, a commit per write", static file => Task.FromResult<IIntentStore?>(new CommitPerWriteStore(file))),
        ("File, an fsync per order", static file => Task.FromResult<IIntentStore?>(new AppendedFileStore(file))),
    ];

    public static async Task MeasureAsync(Report report, RunOptions options)
    {
        var effort = options.Quick ? Quick : Thorough;
        var folder = Path.Combine(options.Folder, "journal");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        var numbers = 0;
        var stores = new List<(string Name, IIntentStore Store)>();
        foreach (var (name, openAsync) in Stores)
        {
            if (await openAsync(Path.Combine(folder, name)) is { } store)
            {
                stores.Add((name, store));
            }
            else
            {
                report.Note($"{name}: left out, there is no PostgreSQL on this machine.");
            }
        }

        var results = new Dictionary<(int Concurrency, string Store), List<Result>>();

        // A log that has reached its size is written over again, which costs a disk much less than one that grows.
        foreach (var (_, store) in stores)
        {
            await MeasureAsync(store, 16, effort.Warming);
        }

        for (var round = 0; round < effort.Rounds; round++)
        {
            foreach (var concurrency in Concurrencies)
            {
                foreach (var (name, store) in stores)
                {
                    var result = await MeasureAsync(store, concurrency, effort.Length);
                    if (!results.TryGetValue((concurrency, name), out var all))
                    {
                        results.Add((concurrency, name), all = []);
                    }

                    all.Add(result);
                }
            }
        }

        foreach (var (_, store) in stores)
        {
            await store.DisposeAsync();
        }

        Directory.Delete(folder, recursive: true);
        Show(report, effort, results.ToDictionary(all => all.Key, all => all.Value.OrderBy(result => result.PerSecond).ElementAt(effort.Rounds / 2)));

        async Task<Result> MeasureAsync(IIntentStore store, int concurrency, TimeSpan length)
        {
            var latencies = new List<double>[concurrency];
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, concurrency).Select(worker => Task.Run(async () =>
            {
                var mine = latencies[worker] = [];
                while (Stopwatch.GetElapsedTime(start) < length)
                {
                    var order = JournalEntries.Order(Interlocked.Increment(ref numbers));
                    var asked = Stopwatch.GetTimestamp();
                    await store.RecordAsync(order);
                    mine.Add(Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                    store.Settle(order.Settled(JournalState.Executed, at: TimeProvider.System.GetUtcNow()));
                }
            })));

            // The verdicts belong to what was done in that time.
            await store.DrainAsync();
            var elapsed = Stopwatch.GetElapsedTime(start);
            var sorted = latencies.SelectMany(mine => mine).Order().ToArray();
            return new(sorted.Length / elapsed.TotalSeconds, sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100]);
        }
    }

    private static void Show(Report report, Effort effort, Dictionary<(int Concurrency, string Store), Result> results)
    {
        var table = Report.NewTable("store", "concurrent orders", "intents/s", "p50 ms", "p99 ms", "the SQLite journal is");
        foreach (var concurrency in Concurrencies)
        {
            var own = results[(concurrency, Stores[0].Name)];
            foreach (var (name, _) in Stores)
            {
                if (!results.TryGetValue((concurrency, name), out var result))
                {
                    continue;
                }

                table.AddRow(
                    name,
                    Comparison.Text(concurrency, "0"),
                    Comparison.Text(result.PerSecond, "#,0"),
                    Comparison.Text(result.P50, "0.00"),
                    Comparison.Text(result.P99, "0.00"),
                    name == Stores[0].Name ? "" : Comparison.Text(own.PerSecond / result.PerSecond, "0.0") + " x as fast");
            }
        }

        report.Add("orders", table);
        report.Note(string.Create(CultureInfo.InvariantCulture,
            $"An intent is one order written down before it may leave, and its verdict afterwards; latency is until it may leave. Median of {effort.Rounds} rounds of {effort.Length.TotalSeconds} s."));
    }

    private sealed record Effort(int Rounds, TimeSpan Length, TimeSpan Warming);

    private sealed record Result(double PerSecond, double P50, double P99);
}
