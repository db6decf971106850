using ExchangeResilience;

namespace TradingBot;

/// <summary>Says nothing: the JSON line speaks for itself.</summary>
internal sealed class SilentScreen : IScreen, ITradeLog
{
    public void Open(string title, string about)
    {
    }

    public Task<ActResult> ShowActAsync(int number, int count, string title, string promise, Func<Action<Step>, Task<ActResult>> play) => play(static _ => { });

    public Task ShowTradingAsync(string title, int orders, Func<ITradeLog, Task> trade) => trade(this);

    public Task ShowFleetAsync(string title, Func<IReadOnlyList<FleetRow>> look, Func<Action<string>, Task> play) => play(static _ => { });

    public void ShowActs(IReadOnlyList<ActResult> acts)
    {
    }

    public void ShowScores(string title, IReadOnlyList<Score> scores)
    {
    }

    public void Settled(int number, Fate fate, int tries, string? why)
    {
    }

    public void SentAgain(int number, ExchangeError why, TimeSpan wait)
    {
    }

    public void StillUnknown(int number, ExchangeError why)
    {
    }

    public void Notice(string text)
    {
    }
}
