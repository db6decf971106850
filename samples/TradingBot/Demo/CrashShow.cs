namespace TradingBot;

/// <summary>The crash alone, with its scoreboard.</summary>
internal sealed class CrashShow(Options options, IScreen screen, StopSignal signal)
{
    /// <summary>The exit code.</summary>
    public async Task<int> RunAsync()
    {
        screen.Open("ExchangeResilience: a bot is killed in the middle of its orders", "The exchange is simulated, on a loopback port. Ctrl-C ends it.");
        var act = new CrashAct(options.Journal);
        var result = await screen.ShowActAsync(1, 1, act.Title, act.Promise, show => Scene.PlayAsync(act, show, signal.Stop));
        screen.ShowScores("Scoreboard", act.Scores);
        if (options.Json)
        {
            Console.WriteLine(act.Result);
        }

        return result.Passed ? 0 : 1;
    }
}
