using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Two callers of one id, of equal terms or others.</summary>
internal sealed record TwoCallers(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override async Task PlayAsync(Application app, Dice dice)
    {
        var terms = dice.Chance(0.6) ? AtMarket() : Limit();
        var first = app.Place(terms);
        var second = dice.Chance(0.25) ? app.Place(terms with { Quantity = Quantity(1) }) : first;
        var one = app.AskAsync(first, app.AnyClient(dice, Road.Standard, Road.Resend, Road.Clone, Road.Hedge, Road.Queue, Road.Failover));
        await app.WaitAsync(dice.Milliseconds(0, 9_000));
        if (second != first || !first.IsKnownDone)
        {
            await app.InsistAsync(second, dice, () => app.AnyClient(dice), dice.Int(1, 3));
        }

        await one;
    }
}
