using System.Diagnostics;
using Benchmarks.Calls;
using Benchmarks.Measuring;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Spectre.Console;

namespace Benchmarks.Dashboard;

/// <summary>
/// What a dashboard costs the application it stands in: a caller at full speed, and one that asks a hundred times a second, with the dashboard left out, mapped and not looked
/// at, and looked at. All are measured in turn in each round; the median round counts.
/// </summary>
internal static class DashboardBench
{
    private const int CallsPerRound = 100_000;
    private const int CallsPerSecond = 100;
    private static readonly TimeSpan Length = TimeSpan.FromSeconds(2);
    private static readonly Stage[] Stages = [new("no dashboard", false, 0), new("mapped, no page open", true, 0), new("1 page open", true, 1), new("32 pages open", true, 32)];

    public static async Task MeasureAsync(Report report, RunOptions options)
    {
        await using var plain = await StartAsync(isMapped: false);
        await using var shown = await StartAsync(isMapped: true);
        var results = Stages.ToDictionary(static stage => stage, static _ => new List<Result>());
        for (var round = -1; round < (options.Quick ? 1 : 9); round++)
        {
            for (var turn = 0; turn < Stages.Length; turn++)
            {
                var stage = Stages[(turn + round + Stages.Length) % Stages.Length];
                await using var pages = await OpenPages.OpenAsync(new Uri(shown.Urls.Single()), stage.Pages);
                var result = await MeasureAsync(stage.IsMapped ? shown : plain);
                if (round >= 0)
                {
                    // The first round compiled what the others ran.
                    results[stage].Add(result);
                }
            }
        }

        var without = results[Stages[0]];
        var table = Report.NewTable("", "ns per call", "ratio", "B per call", "CPU ms per second", "+CPU ms per second", "allocated KB per second");
        foreach (var stage in Stages)
        {
            var own = results[stage];
            table.AddRow(
                stage.Name,
                Comparison.Text(Comparison.Median(own.Select(static result => result.Nanoseconds)), "#,0"),
                Comparison.Text(Comparison.Median(own.Zip(without, static (one, other) => one.Nanoseconds / other.Nanoseconds)), "0.00"),
                Comparison.Text(Comparison.Median(own.Select(static result => result.Bytes)), "#,0"),
                Comparison.Text(Comparison.Median(own.Select(static result => result.CpuMs)), "0.0"),
                stage == Stages[0] ? "" : Comparison.Text(Comparison.Median(own.Zip(without, static (one, other) => one.CpuMs - other.CpuMs)), "+0.0;-0.0;0"),
                Comparison.Text(Comparison.Median(own.Select(static result => result.AllocatedKb)), "#,0"));
        }

        report.Add("A successful call over an in-memory primary handler", table);
    }

    private static async Task<WebApplication> StartAsync(bool isMapped)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddHttpClient("futures", static http => http.BaseAddress = new Uri(FuturesClient.Host))
            .AddExchangeErrorHandling(static handling => handling.Limits.WeightPerMinute = 10_000_000)
            .ConfigurePrimaryHttpMessageHandler(static () => new InMemoryExchange(fails: false, suspends: false));
        var app = builder.Build();
        if (isMapped)
        {
            app.MapExchangeResilience().AllowAnonymousReadingOnLoopback();
        }

        await app.StartAsync();
        return app;
    }

    private static async Task<Result> MeasureAsync(WebApplication app)
    {
        var client = new FuturesClient(app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("futures"));
        GC.Collect();
        var bytes = GC.GetAllocatedBytesForCurrentThread();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < CallsPerRound; i++)
        {
            Call(client);
        }

        var nanoseconds = Stopwatch.GetElapsedTime(start).TotalNanoseconds / CallsPerRound;
        bytes = GC.GetAllocatedBytesForCurrentThread() - bytes;

        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        start = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1.0 / CallsPerSecond));
        while (Stopwatch.GetElapsedTime(start) < Length && await timer.WaitForNextTickAsync())
        {
            Call(client);
        }

        process.Refresh();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new Result(
            nanoseconds,
            (double)bytes / CallsPerRound,
            (process.TotalProcessorTime - cpu).TotalMilliseconds / seconds,
            (GC.GetTotalAllocatedBytes(precise: true) - allocated) / 1024.0 / seconds);
    }

    private static void Call(FuturesClient client)
    {
        // Nothing below it waits, so neither does this.
        if (client.GetOrderAsync(static _ => Task.FromResult(-1)).GetAwaiter().GetResult() != 0)
        {
            throw new InvalidOperationException("The exchange in memory has refused a call.");
        }
    }

    private sealed record Stage(string Name, bool IsMapped, int Pages);

    private sealed record Result(double Nanoseconds, double Bytes, double CpuMs, double AllocatedKb);
}
