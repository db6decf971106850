using System.Security.Cryptography;
using ExchangeResilience;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace TradingBot;

/// <summary>Trades at a given exchange, on the product's defaults.</summary>
internal sealed class ExchangeTrading(Options options, Uri exchange, IScreen screen, StopSignal signal)
{
    private const int UsualOrders = 20;
    private const int UsualParallel = 4;
    private static readonly TimeSpan LongestStandstill = TimeSpan.FromMinutes(3);

    /// <summary>The exit code.</summary>
    /// <exception cref="UsageException">The keys are missing.</exception>
    /// <exception cref="ExchangeResilience.JournalException">The journal cannot be used.</exception>
    public async Task<int> RunAsync()
    {
        // Ids of an earlier run would name its orders, unless that is what is wanted.
        var name = options.Run ?? "bot-" + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(5));
        var configuration = new ConfigurationBuilder()
            .SetBasePath(AppContext.BaseDirectory)
            .AddJsonFile("appsettings.json", optional: false, reloadOnChange: true)
            .AddEnvironmentVariables()
            .AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["ExchangeSigning:ApiKey"] = Required("EXCHANGE_API_KEY"),
                ["ExchangeSigning:Secret"] = Required("EXCHANGE_API_SECRET"),
                ["ExchangeState:ConnectionString"] = options.State,
                ["ExchangeState:MemberName"] = name,
            })
            .Build();
        var notices = new Notices();
        using var wire = new WireCounter();
        MemberReporter? reporter = null;
        var host = Host.CreateEmptyApplicationBuilder(settings: null);
        host.Services.AddExchange(configuration, exchange, new LibraryLog(LogLevel.Warning, (id, text) =>
        {
            reporter?.Hear(id, text);

            // Doubts are many and mostly short; those that last are told by the trader.
            if (id.Id != LibraryEvents.InDoubt)
            {
                notices.Tell(text);
            }
        }, options.Report ? MemberReporter.Details : []), options.Journal, sharesState: options.State is not null);
        using var services = host.Build();
        await using var reporting = reporter = options.Report ? new MemberReporter(Console.Out, wire) : null;
        var leash = options.Report ? new Leash(signal) : null;
        var time = TimeProvider.System;
        var began = time.GetTimestamp();
        var orders = options.Orders ?? UsualOrders;
        TradingRun run = null!;
        screen.Open($"ExchangeResilience: trading at {exchange.Authority}", "Ctrl-C begins nothing new and lets orders under way finish.");
        await screen.ShowTradingAsync(FormattableString.Invariant($"{orders} orders"), orders, async hear =>
        {
            notices.TellTo(hear);

            var ids = new OrderIds(name, AreKept: options.Journal is not null || options.State is not null);
            reporter?.Follow(services.Services, name);
            var client = services.Services.GetRequiredService<FuturesClient>();
            var patience = new Patience(time, LongestStandstill);
            await new EarlierRun(services, LongestStandstill).SettleAsync(hear, signal.Stop);
            if (leash is not null)
            {
                reporter?.Joined();
                await UntilStopAsync(leash.Begun);
            }

            run = new TradingRun(new OrderTrader(client, ids, options.Seed, patience, time, hear), patience, orders, options.Parallel ?? UsualParallel, options.First ?? 1);
            reporter?.Follow(run);
            await run.RunAsync(signal.Stop, signal.Abort);
            if (leash is not null)
            {
                // Others may leave orders behind.
                await UntilStopAsync(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, signal.Stop));
            }
        });

        var result = TradeResult.Of(run, wire.Requests, time.GetElapsedTime(began));
        screen.ShowScores("Result",
        [
            new("intended", run.Intended),
            new("executed", run.Executed),
            new("rejected", run.Rejected),
            new("not executed", run.NotExecuted, run.NotExecuted == 0),
            new("unknown", run.Unknown, run.Unknown == 0),
            new("requests sent", result.Requests),
        ]);
        if (reporter is not null)
        {
            await reporter.DisposeAsync();
        }

        Console.WriteLine(result.ToJson());
        return run.IsComplete ? 0 : 1;
    }

    private async Task UntilStopAsync(Task awaited)
    {
        try
        {
            await awaited.WaitAsync(signal.Stop);
        }
        catch (OperationCanceledException)
        {
            // Nothing more is begun.
        }
    }

    private static string Required(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value
            ? value
            : throw new UsageException($"--exchange needs the environment variable {variable}, which is not set. Set it, for example: export {variable}=...");
}
