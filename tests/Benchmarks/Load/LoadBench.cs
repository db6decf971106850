using System.Diagnostics;
using System.Globalization;
using Benchmarks.Measuring;
using Spectre.Console;

namespace Benchmarks.Load;

/// <summary>
/// Successful queries over loopback from many callers at once, each asking again as soon as it has its answer. All clients are measured in turn in each round,
/// so that a busy machine meets them alike. Per round each is compared with the first of its kind; the median round counts.
/// The server has a process of its own, so that its work is nobody's; processor time is that of this process.
/// </summary>
internal static class LoadBench
{
    private static int RoundsOf(RunOptions options) => options.Quick ? 1 : 7;

    private static readonly TimeSpan Length = TimeSpan.FromSeconds(0.7);
    private static readonly int[] Concurrencies = [1, 16, 256];

    public static async Task MeasureAsync(Report report, RunOptions options)
    {
        await using var server = await ExchangeProcess.StartAsync(LoopbackServer.Verb);
        var clients = LoadedClient.OpenAll(server.Address);
        var results = new Dictionary<(int Concurrency, LoadedClient Client), List<Result>>();
        foreach (var concurrency in Concurrencies)
        {
            foreach (var client in clients)
            {
                results.Add((concurrency, client), []);

                // Connections are opened, and code is compiled for what it meets.
                await MeasureAsync(client, concurrency);
                await MeasureAsync(client, concurrency);
            }
        }

        for (var round = 0; round < RoundsOf(options); round++)
        {
            foreach (var concurrency in Concurrencies)
            {
                // Whoever comes after the same neighbour each time would always bear its garbage.
                for (var turn = 0; turn < clients.Count; turn++)
                {
                    var client = clients[(turn + round) % clients.Count];
                    results[(concurrency, client)].Add(await MeasureAsync(client, concurrency));
                }
            }
        }

        Show(report, options, clients, results);
        foreach (var client in clients)
        {
            client.Dispose();
        }
    }

    private static async Task<Result> MeasureAsync(LoadedClient client, int concurrency)
    {
        GC.Collect();
        var latencies = new List<double>[concurrency];
        var before = Process.GetCurrentProcess().TotalProcessorTime;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, concurrency).Select(caller => Task.Run(async () =>
        {
            var mine = latencies[caller] = new List<double>(capacity: 1 << 12);
            while (Stopwatch.GetElapsedTime(start) < Length)
            {
                var asked = Stopwatch.GetTimestamp();
                await client.CallAsync();
                mine.Add(Stopwatch.GetElapsedTime(asked).TotalMicroseconds);
            }
        })));
        var elapsed = Stopwatch.GetElapsedTime(start);
        var busy = Process.GetCurrentProcess().TotalProcessorTime - before;
        var sorted = latencies.SelectMany(static mine => mine).Order().ToArray();
        return new Result(sorted.Length / elapsed.TotalSeconds, busy.TotalMicroseconds / sorted.Length, sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100]);
    }

    private static void Show(Report report, RunOptions options, IReadOnlyList<LoadedClient> clients, Dictionary<(int Concurrency, LoadedClient Client), List<Result>> results)
    {
        var table = Report.NewTable("client", "callers", "requests/s", "throughput ratio", "processor us", "+us", "p50 us", "+us", "p99 us", "+us");
        foreach (var concurrency in Concurrencies)
        {
            foreach (var client in clients)
            {
                var first = clients.First(other => other.IsSigned == client.IsSigned);
                var (own, others) = (results[(concurrency, client)], results[(concurrency, first)]);
                table.AddRow(
                [
                    client.Name,
                    Comparison.Text(concurrency, "0"),
                    Comparison.Text(Comparison.Median(own.Select(static result => result.PerSecond)), "#,0"),
                    Comparison.Text(Comparison.Median(own.Zip(others, static (one, other) => one.PerSecond / other.PerSecond)), "0.00"),
                    .. Beside(static result => result.Busy),
                    .. Beside(static result => result.P50),
                    .. Beside(static result => result.P99),
                ]);

                IEnumerable<string> Beside(Func<Result, double> figure) =>
                [
                    Comparison.Text(Comparison.Median(own.Select(figure)), "#,0"),
                    client == first ? "" : Comparison.Text(Comparison.Median(own.Zip(others, (one, other) => figure(one) - figure(other))), "+#,0;-#,0;0"),
                ];
            }
        }

        report.Add("Throughput and latency", table);
        report.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"Queries over loopback, the server in a process of its own on the same processors; with n callers at work, the cost of one request is met n times in its latency, since all wait for the same {Environment.ProcessorCount} processors. Median of {RoundsOf(options)} rounds of {Length.TotalSeconds} s, each compared with the first of its kind in its round."));
    }

    private sealed record Result(double PerSecond, double Busy, double P50, double P99);
}
