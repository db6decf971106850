using System.Globalization;
using System.Text;
using Benchmarks.Measuring;
using ExchangeResilience;
using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Spectre.Console;

namespace Benchmarks.Soak;

/// <summary>
/// Full speed over loopback against an exchange that fails in every way it can, for as long as it is told to. What the process holds is sampled after forced collections;
/// what grows after the warm-up, the first fifth and no less than half a minute, is a leak.
/// </summary>
internal static class SoakBench
{
    public const string ClientName = "soak";

    private const int FewestSamples = 8;
    private const int PoolThreads = 16;
    private static readonly TimeSpan ShortestWarmUp = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PatienceWithCalls = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan JournalPause = TimeSpan.FromSeconds(5);

    private static readonly (string Name, string Unit, Func<SoakSample, double> Of)[] Measures =
    [
        ("managed heap", "KB", static sample => sample.HeapKb),
        ("of it small objects", "KB", static sample => sample.HeapKb - sample.LargeKb),
        ("file descriptors", "", static sample => sample.Descriptors),
        ("of them connections", "", static sample => sample.Connections),
        ("threads", "", static sample => sample.Threads),
        ("timers", "", static sample => sample.Timers),
        ("orders in doubt", "", static sample => sample.InDoubt),
    ];

    /// <returns>0 where all is steady, 1 where something grows or an order was doubled, 2 where the options are not understood.</returns>
    public static async Task<int> RunAsync(RunOptions run, IReadOnlyList<string> args)
    {
        if (SoakOptions.Parse(args) is not { } options || options.Length < WarmUp(options) + (FewestSamples * options.Every))
        {
            await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{SoakOptions.Usage}; {FewestSamples} samples must fit in after the first fifth, or after {ShortestWarmUp.TotalSeconds} s"));
            return 2;
        }

        // Each thread of the pool keeps buffers; how many threads a busy machine makes it add is not what is measured.
        ThreadPool.SetMinThreads(PoolThreads, PoolThreads);
        ThreadPool.SetMaxThreads(PoolThreads, PoolThreads);

        await using var exchange = await ExchangeProcess.StartAsync(SoakExchange.Verb);
        var journalFile = Path.Combine(run.Folder, "soak.journal");
        var memory = options.Journal == "memory" ? new InMemoryOrderJournal() : null;
        await using var services = Build(exchange.Address, options, memory, journalFile);
        foreach (var service in services.GetServices<IHostedService>())
        {
            await service.StartAsync(CancellationToken.None);
        }

        var inDoubt = services.GetRequiredService<IInDoubtOrders>();
        var callers = new SoakCallers(services.GetRequiredService<IHttpClientFactory>(), options.Callers);
        using var connections = new OpenConnections();
        callers.Start();
        var samples = await SampleAsync(options, callers, inDoubt, memory, connections);
        await callers.StopAsync();
        var (requests, duplicates) = await exchange.StopAsync();
        DeleteJournal(journalFile);

        var (text, isSteady) = Judge(samples, options, string.Create(
            CultureInfo.InvariantCulture,
            $"{callers.Calls:#,0} calls ({callers.Calls / options.Length.TotalSeconds:#,0}/s), {requests:#,0} requests at the exchange, {callers.Unknown:#,0} calls cancelled or ended unknown, {duplicates} orders doubled"));
        AnsiConsole.Profile.Width = 200;
        AnsiConsole.WriteLine(text);
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "soak.md"), $"# Soak\n\nMeasured at {run.Revision}.\n\n{text}");
        return isSteady && duplicates == 0 ? 0 : 1;
    }

    private static ServiceProvider Build(Uri address, SoakOptions options, InMemoryOrderJournal? memory, string journalFile)
    {
        var services = new ServiceCollection();
        if (memory is not null)
        {
            services.AddSingleton<IOrderJournal>(memory);
        }
        else if (options.Journal == "sqlite")
        {
            DeleteJournal(journalFile);
            services.AddSqliteOrderJournal(journalFile);
        }

        // Handlers are made anew every ten seconds, as the factory does every two minutes. What is kept for a time is kept for a shorter one, so that as much is
        // forgotten as is added well within the warm-up of a short run.
        services.AddHttpClient(ClientName, http => http.BaseAddress = address)
            .SetHandlerLifetime(TimeSpan.FromSeconds(10))
            .AddExchangeErrorHandling(static handling =>
            {
                handling.TotalTimeout = TimeSpan.FromSeconds(6);
                handling.AttemptTimeout = TimeSpan.FromSeconds(1);
                handling.SendBefore = TimeSpan.FromSeconds(4);
                handling.Clock.ResyncInterval = TimeSpan.FromSeconds(5);
                handling.Reconciliation.SettleMargin = TimeSpan.FromSeconds(1);
                handling.Reconciliation.VerdictRetention = TimeSpan.FromSeconds(5);
                handling.Reconciliation.Rechecks.Clear();
                handling.Reconciliation.Rechecks.Add(TimeSpan.FromSeconds(2));
                handling.Reconciliation.Rechecks.Add(TimeSpan.FromSeconds(5));
            })
            .AddExchangeSigning(static signing =>
            {
                signing.ApiKey = SimulatedExchangeOptions.DefaultApiKey;
                signing.Secret = SimulatedExchangeOptions.DefaultApiSecret;
                signing.RecvWindow = TimeSpan.FromSeconds(1);
            });
        return services.BuildServiceProvider();
    }

    private static async Task<List<SoakSample>> SampleAsync(SoakOptions options, SoakCallers callers, IInDoubtOrders inDoubt, InMemoryOrderJournal? memory, OpenConnections connections)
    {
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        var samples = new List<SoakSample>();

        // Samples in step with what happens every ten seconds would show its phase, which drifts and looks like a trend.
        var random = new Random(1);
        for (var due = options.Every; due <= options.Length; due += options.Every * (0.5 + random.NextDouble()))
        {
            while (due - time.GetElapsedTime(began) is { } left && left > TimeSpan.Zero)
            {
                await Task.Delay(left < JournalPause ? left : JournalPause, time, CancellationToken.None);
                memory?.ForgetFinished();
            }

            await callers.PauseAsync(PatienceWithCalls);
            memory?.ForgetFinished();
            samples.Add(SoakSample.Take(time.GetElapsedTime(began), callers.Calls, inDoubt.List().Count, connections.Now));
            callers.Resume();
        }

        return samples;
    }

    private static (string Text, bool IsSteady) Judge(IReadOnlyList<SoakSample> samples, SoakOptions options, string sum)
    {
        var text = new StringBuilder(
            """
            | at | calls | heap KB | of it large objects KB | gen 0 | gen 1 | gen 2 | descriptors | of them connections | threads | timers | in doubt |
            | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |

            """);
        foreach (var sample in samples)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {sample.At.TotalSeconds:0} s | {sample.Calls:#,0} | {sample.HeapKb:#,0} | {sample.LargeKb:#,0} | {sample.Gen0} | {sample.Gen1} | {sample.Gen2} | {sample.Descriptors} | {sample.Connections} | {sample.Threads} | {sample.Timers} | {sample.InDoubt} |\n");
        }

        text.Append(
            """

            | after the warm-up | on average | rise per minute | standard error | |
            | --- | ---: | ---: | ---: | --- |

            """);
        var measured = samples.Where(sample => sample.At >= WarmUp(options)).ToList();
        var isSteady = true;
        foreach (var (name, unit, of) in Measures)
        {
            var trend = Trend.Of(measured, of);
            isSteady &= !trend.Grows;
            text.Append(CultureInfo.InvariantCulture, $"| {name} | {trend.Mean:#,0.0} {unit} | {trend.PerMinute:+#,0.00;-#,0.00;0} {unit} | {trend.Error:#,0.00} | {(trend.Grows ? "grows" : "steady")} |\n");
        }

        var heap = Trend.Of(measured, Measures[0].Of);
        return (text.Append(CultureInfo.InvariantCulture, $"\n{sum}.\n{options.Callers} callers, journal: {options.Journal}.\nVerdict: {(isSteady ? "steady" : "grows")} (managed heap {heap.PerMinute:+0.0;-0.0;0} KB/min).\n").ToString(), isSteady);
    }

    private static TimeSpan WarmUp(SoakOptions options) => options.Length / 5 > ShortestWarmUp ? options.Length / 5 : ShortestWarmUp;

    private static void DeleteJournal(string file)
    {
        foreach (var part in new[] { file, file + "-wal", file + "-shm" })
        {
            File.Delete(part);
        }
    }
}
