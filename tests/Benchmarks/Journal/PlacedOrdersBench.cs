using System.Diagnostics;
using System.Globalization;
using Benchmarks.Calls;
using Benchmarks.Measuring;
using ExchangeResilience.Journal;
using Spectre.Console;

namespace Benchmarks.Journal;

/// <summary>
/// Orders placed by several callers at once, with and without a journal, beside what the disk can do: a line at the end of a file and an fsync for each order. All are measured in turn in each
/// round, so that a busy machine and its disk meet them alike; the median round counts.
/// </summary>
internal static class PlacedOrdersBench
{
    private static readonly int[] Concurrencies = [1, 16, 64];

    public static async Task MeasureAsync(Report report, RunOptions options)
    {
        // Each order is remembered for a while: so few are placed that this is no burden.
        var (rounds, orders) = options.Quick ? (1, 64) : (9, 1280);
        var folder = Path.Combine(options.Folder, "orders");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }

        Directory.CreateDirectory(folder);
        using var exchange = new InMemoryExchange(fails: false, suspends: true);
        await using var disk = new AppendedFileStore(Path.Combine(folder, "file"));
        var written = 0;
        using var journaled = Stacks.Journaled(exchange, Work.PlacedOrder, Path.Combine(folder, "journal"));
        using var plain = Stacks.Build(Stacks.Signing, exchange, Work.PlacedOrder);
        using var byHand = Stacks.Build(Stacks.ByHand, exchange, Work.PlacedOrder);
        using var standard = Stacks.Build(Stacks.ByHandStandard, exchange, Work.PlacedOrder);
        (string Name, Func<Task> CallAsync)[] contenders =
        [
            (Stacks.ByHand, byHand.CallAsync),
            (Stacks.ByHandStandard, standard.CallAsync),
            ($"{Stacks.Signing}, no journal", plain.CallAsync),
            ($"{Stacks.Signing}, SQLite journal", journaled.CallAsync),
            ("the disk: a line and an fsync for each order", () => disk.RecordAsync(JournalEntries.Order(Interlocked.Increment(ref written)))),
        ];

        var results = new Dictionary<(int Concurrency, string Name), List<Result>>();
        for (var round = -2; round < rounds; round++)
        {
            foreach (var concurrency in Concurrencies)
            {
                foreach (var (name, callAsync) in contenders)
                {
                    var result = await MeasureAsync(callAsync, concurrency, orders);
                    if (round >= 0)
                    {
                        // The first rounds compiled what the others ran.
                        (results.TryGetValue((concurrency, name), out var all) ? all : results[(concurrency, name)] = []).Add(result);
                    }
                }
            }
        }

        var table = Report.NewTable("", "callers", "orders/s", "processor us", "p50 us", "p99 us");
        foreach (var ((concurrency, name), all) in results)
        {
            table.AddRow(
                name,
                Comparison.Text(concurrency, "0"),
                Comparison.Text(Comparison.Median(all.Select(static result => result.PerSecond)), "#,0"),
                Comparison.Text(Comparison.Median(all.Select(static result => result.Busy)), "#,0"),
                Comparison.Text(Comparison.Median(all.Select(static result => result.P50)), "#,0"),
                Comparison.Text(Comparison.Median(all.Select(static result => result.P99)), "#,0"));
        }

        report.Add("placed orders", table);
        report.Note(string.Create(CultureInfo.InvariantCulture, $"The exchange is in memory and yields, as a socket does. Median of {rounds} rounds of {orders} orders."));
    }

    private static async Task<Result> MeasureAsync(Func<Task> callAsync, int concurrency, int orders)
    {
        GC.Collect();
        var latencies = new double[orders];
        var next = -1;
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var order && order < orders)
            {
                var asked = Stopwatch.GetTimestamp();
                await callAsync();
                latencies[order] = Stopwatch.GetElapsedTime(asked).TotalMicroseconds;
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(start);
        var busy = Process.GetCurrentProcess().TotalProcessorTime - before;
        Array.Sort(latencies);
        return new Result(orders / elapsed.TotalSeconds, busy.TotalMicroseconds / orders, latencies[orders / 2], latencies[orders * 99 / 100]);
    }

    private sealed record Result(double PerSecond, double Busy, double P50, double P99);
}
