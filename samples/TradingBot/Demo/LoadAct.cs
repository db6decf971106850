using System.Globalization;
using Microsoft.Extensions.Logging;

namespace TradingBot;

/// <summary>Many orders at once at an exchange where everything goes wrong, held against the exchange's book.</summary>
internal sealed class LoadAct(Options options, IScreen screen, StopSignal signal)
{
    private const int UsualOrders = 200;
    private const int UsualParallel = 16;

    // At the built-in exchange, as long without any progress as this is a failure of the show.
    private static readonly TimeSpan LongestStandstill = TimeSpan.FromSeconds(60);

    private readonly int _orders = options.Orders ?? UsualOrders;
    private readonly int _parallel = options.Parallel ?? UsualParallel;

    public async Task<(ActResult Act, TradeResult Result, IReadOnlyList<Score> Scores)> PlayAsync(int number)
    {
        var title = string.Create(CultureInfo.InvariantCulture, $"{_orders} orders, {_parallel} at a time, faults: {options.Profile}");
        var time = TimeProvider.System;
        var notices = new Notices();
        var settled = 0;
        await using var stage = await Stage.OpenAsync(Hear, options.Journal);
        void Hear(EventId id, string text)
        {
            switch (id.Id)
            {
                case LibraryEvents.LaneClosed:
                    notices.Tell(text);
                    break;
                case LibraryEvents.Settled:
                    Interlocked.Increment(ref settled);
                    break;
                default:
                    break;
            }
        }

        stage.Exchange.Faults.Plan = Profiles.Plan(options.Profile, options.Seed);
        using var wire = new WireCounter();
        var began = time.GetTimestamp();
        TradingRun run = null!;
        await screen.ShowTradingAsync(string.Create(CultureInfo.InvariantCulture, $"{number}/{number} {title}"), _orders, async hear =>
        {
            notices.TellTo(hear);
            var ids = new OrderIds(string.Create(CultureInfo.InvariantCulture, $"load-{(uint)options.Seed}"), AreKept: options.Journal is not null);
            var patience = new Patience(time, LongestStandstill);
            run = new TradingRun(new OrderTrader(stage.Client, ids, options.Seed, patience, time, hear), patience, _orders, _parallel);
            await run.RunAsync(signal.Stop, signal.Abort);
        });

        var result = TradeResult.Of(run, wire.Requests, time.GetElapsedTime(began));
        var book = stage.Exchange.Scoreboard;
        Score[] scores =
        [
            new("intended", run.Intended),
            new("executed", run.Executed, run.Executed == run.Intended),
            new("rejected", run.Rejected, run.Rejected == 0),
            new("not executed", run.NotExecuted, run.NotExecuted == 0),
            new("unknown", run.Unknown, run.Unknown == 0),
            new("executions in the exchange's book", book.Executions, book.Executions == run.Executed),
            new("duplicates at the exchange", book.ExtraExecutions, book.ExtraExecutions == 0),
            new("requests sent into a hold", book.SentIntoHold, book.SentIntoHold == 0),
            new("faults the orders met", book.Faults.Values.Sum()),
            new("doubts that evidence settled", settled),
            new("requests sent", result.Requests),
        ];
        return (new ActResult(title, scores.All(static score => score.IsGood != false), time.GetElapsedTime(began)), result, scores);
    }
}
