using System.Globalization;
using ExchangeResilience;

namespace TradingBot;

/// <summary>Plain text, one line per event: for files, pipes and terminals without colours.</summary>
internal sealed class PlainScreen(TextWriter output) : IScreen
{
    private static readonly TimeSpan BetweenTables = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();

    public void Open(string title, string about) => Write($"{title}\n{about}\n");

    public async Task<ActResult> ShowActAsync(int number, int count, string title, string promise, Func<Action<Step>, Task<ActResult>> play)
    {
        Write($"{number}/{count} {title}\n      {promise}");
        var result = await play(step => Write($"{step.At.TotalSeconds,8:0.000}  {Name(step.Voice),-8}  {step.Text}"));
        Write($"{result.Elapsed.TotalSeconds,8:0.000}  {(result.Passed ? "PASS" : "FAIL")}\n");
        return result;
    }

    public async Task ShowTradingAsync(string title, int orders, Func<ITradeLog, Task> trade)
    {
        Write(title);
        await trade(new TradeLines(this, orders));
        Write("");
    }

    public async Task ShowFleetAsync(string title, Func<IReadOnlyList<FleetRow>> look, Func<Action<string>, Task> play)
    {
        Write(title);
        var began = TimeProvider.System.GetTimestamp();
        using var end = new CancellationTokenSource();
        var tables = ShowTablesAsync(look, end.Token);
        try
        {
            await play(text => Write($"{TimeProvider.System.GetElapsedTime(began).TotalSeconds,8:0.000}  {text}"));
        }
        finally
        {
            await end.CancelAsync();
            await tables;
        }

        WriteTable(look());
    }

    public void ShowActs(IReadOnlyList<ActResult> acts)
    {
        Write("Acts");
        foreach (var act in acts)
        {
            Write($"  {(act.Passed ? "PASS" : "FAIL")}  {act.Elapsed.TotalSeconds,6:0.0} s  {act.Title}");
        }

        Write("");
    }

    public void ShowScores(string title, IReadOnlyList<Score> scores)
    {
        Write(title);
        foreach (var score in scores)
        {
            Write($"  {score.Name,-36} {score.Count,6}{(score.IsGood == false ? "  WRONG" : "")}");
        }
    }

    private async Task ShowTablesAsync(Func<IReadOnlyList<FleetRow>> look, CancellationToken end)
    {
        using var timer = new PeriodicTimer(BetweenTables, TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(end))
            {
                WriteTable(look());
            }
        }
        catch (OperationCanceledException)
        {
            // The fleet has ended.
        }
    }

    // As one text, so that nothing comes between its lines.
    private void WriteTable(IReadOnlyList<FleetRow> rows) => Write(string.Join('\n',
    [
        "          member  process  executed  under way  in doubt  rejected  requests  lease   address              doing",
        .. rows.Select(static row => string.Create(
            CultureInfo.InvariantCulture,
            $"          {row.Member,6}  {row.ProcessId,7}  {row.Executed,8}  {row.UnderWay,9}  {row.InDoubt,8}  {row.Rejected,8}  {row.Requests,8}  {row.Lease,-6}  {row.Address,-20} {row.Doing}")),
        "",
    ]));

    private static string Name(Voice voice) => voice switch
    {
        Voice.Bot => "bot",
        Voice.Exchange => "exchange",
        Voice.Library => "library",
        Voice.Pass => "ok",
        _ => "WRONG",
    };

    private void Write(FormattableString line) => Write(line.ToString(CultureInfo.InvariantCulture));

    private void Write(string line)
    {
        lock (_gate)
        {
            output.WriteLine(line);
        }
    }

    private sealed class TradeLines(PlainScreen screen, int orders) : ITradeLog
    {
        private readonly long _began = TimeProvider.System.GetTimestamp();
        private int _settled;

        public void Settled(int number, Fate fate, int tries, string? why)
        {
            var settled = Interlocked.Increment(ref _settled);
            if (fate != Fate.Executed)
            {
                Line($"order {number} is {fate} after {tries} {(tries == 1 ? "try" : "tries")}: {why}");
            }

            // Every tenth part of the way.
            if (settled * 10L / orders != (settled - 1) * 10L / orders)
            {
                Line($"{settled} of {orders} orders are settled");
            }
        }

        public void SentAgain(int number, ExchangeError why, TimeSpan wait) =>
            Line($"order {number} was not executed ({Name(why)}); sent again in {wait.TotalSeconds:0.0} s");

        public void StillUnknown(int number, ExchangeError why) =>
            Line($"order {number} is still unknown ({Name(why)}); asked again under the same id");

        public void Notice(string text) => Line($"{text}");

        private static string Name(ExchangeError error) => error.Code == 0 ? error.Name : FormattableString.Invariant($"{error.Code} {error.Name}");

        private void Line(FormattableString text) =>
            screen.Write($"{TimeProvider.System.GetElapsedTime(_began).TotalSeconds,8:0.000}  {text.ToString(CultureInfo.InvariantCulture)}");
    }
}
