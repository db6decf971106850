using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Places orders one by one and cancels them by one request, perhaps while they are on their way.</summary>
internal sealed record CancelsMany(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override int Lifecycles => 3;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        var orders = Enumerable.Range(1, 3).Select(part => Limit(part)).ToList();
        var placing = orders.Select(order => app.InsistAsync(app.Place(order), dice, () => app.AnyClient(dice), turns: 3)).ToList();
        if (dice.Chance(0.7))
        {
            await Task.WhenAll(placing);
        }

        await app.WaitAsync(dice.Milliseconds(0, 3_000));
        var rest = orders.Select(order => app.Cancel(order)).ToList();
        for (var turns = dice.Int(1, 4); turns > 0 && rest.Count > 0; turns--)
        {
            await app.AskAsync(rest, app.AnyClient(dice, Road.Plain, Road.Resend, Road.Standard));
            rest.RemoveAll(static cancel => cancel.Last is { Execution: ExecutionStatus.Executed } or { Code: -2011 });
            await app.WaitAsync(dice.Milliseconds(100, 5_000));
        }

        await Task.WhenAll(placing);
    }
}
