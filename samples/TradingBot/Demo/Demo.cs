namespace TradingBot;

/// <summary>The whole show on the built-in exchange: acts, load, scoreboard.</summary>
internal sealed class Demo(Options options, IScreen screen, StopSignal signal)
{
    private static readonly IAct[] Acts =
    [
        new FailFastAct(),
        new RateLimitAct(),
        new OverloadAct(),
        new ClockAct(),
        new StatusUnknownAct(),
        new ConnectionLostAct(),
        new BanAct(),
        new OverrideAct(),
        new BatchAct(),
        new AmendCancelAct(),
        new SettingsAct(),
        new CrashAct(journal: null),
    ];

    /// <summary>The exit code.</summary>
    public async Task<int> RunAsync()
    {
        screen.Open(
            "ExchangeResilience: a bot at an exchange in trouble",
            $"The exchange is simulated, on a loopback port; seed {options.Seed}, profile {options.Profile}. Ctrl-C ends it.");

        var results = new List<ActResult>();
        foreach (var act in Acts)
        {
            signal.Stop.ThrowIfCancellationRequested();
            results.Add(await screen.ShowActAsync(results.Count + 1, Acts.Length + 1, act.Title, act.Promise, show => Scene.PlayAsync(act, show, signal.Stop)));
        }

        signal.Stop.ThrowIfCancellationRequested();
        var (load, result, scores) = await new LoadAct(options, screen, signal).PlayAsync(Acts.Length + 1);
        results.Add(load);
        screen.ShowActs(results);
        screen.ShowScores("Scoreboard", scores);
        if (options.Json)
        {
            Console.WriteLine(result.ToJson());
        }

        signal.Stop.ThrowIfCancellationRequested();
        return results.TrueForAll(static act => act.Passed) ? 0 : 1;
    }
}
