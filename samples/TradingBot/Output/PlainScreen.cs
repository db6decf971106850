using System.Globalization;
using ExchangeResilience;

namespace TradingBot;

/// <summary>Plain text, one line per event: for files, pipes and terminals without colours.</summary>
internal sealed class PlainScreen(TextWriter output) : IScreen
{
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
            Write($"  {score.Name,-32} {score.Count,6}{(score.IsGood == false ? "  WRONG" : "")}");
        }
    }

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
