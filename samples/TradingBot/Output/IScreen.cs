namespace TradingBot;

/// <summary>Who speaks in a step of an act.</summary>
internal enum Voice
{
    Bot,
    Exchange,
    Library,
    Pass,
    Fail,
}

/// <summary>One line of an act.</summary>
/// <param name="At">Since the act began.</param>
/// <param name="Voice">Who speaks.</param>
/// <param name="Text">What is said.</param>
internal sealed record Step(TimeSpan At, Voice Voice, string Text);

/// <summary>How an act went.</summary>
internal sealed record ActResult(string Title, bool Passed, TimeSpan Elapsed);

/// <summary>A line of the scoreboard.</summary>
/// <param name="Name">What was counted.</param>
/// <param name="Count">How many.</param>
/// <param name="IsGood">Whether that is as it should be; null where either is.</param>
internal sealed record Score(string Name, long Count, bool? IsGood = null);

/// <summary>Where the bot tells its story.</summary>
internal interface IScreen
{
    void Open(string title, string about);

    /// <summary>Shows an act while it plays; steps may come from several threads.</summary>
    Task<ActResult> ShowActAsync(int number, int count, string title, string promise, Func<Action<Step>, Task<ActResult>> play);

    /// <summary>Shows trading while it goes on.</summary>
    Task ShowTradingAsync(string title, int orders, Func<ITradeLog, Task> trade);

    /// <summary>Shows a fleet while it trades.</summary>
    /// <param name="title">What it is to do.</param>
    /// <param name="look">How the members stand.</param>
    /// <param name="play">Lets it trade; what happens may come from several threads.</param>
    Task ShowFleetAsync(string title, Func<IReadOnlyList<FleetRow>> look, Func<Action<string>, Task> play);

    void ShowActs(IReadOnlyList<ActResult> acts);

    void ShowScores(string title, IReadOnlyList<Score> scores);
}
