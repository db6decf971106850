using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Places an order, cancels it while it is not known to stand, and places it anew under the same id when it has proved absent.</summary>
internal sealed record GridTrader(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override async Task PlayAsync(Application app, Dice dice)
    {
        var terms = Limit();
        var place = app.Place(terms);
        var cancel = app.Cancel(terms);
        var placing = app.AskAsync(place, app.AnyClient(dice), dice.Chance(0.3) ? dice.Milliseconds(0, 4_000) : null);
        await app.WaitAsync(dice.Milliseconds(0, 15_000));
        await app.InsistAsync(cancel, dice, () => app.AnyClient(dice, Road.Plain, Road.Standard), turns: dice.Int(1, 3));
        await placing;
        await app.WaitAsync(dice.Chance(0.5) ? dice.Milliseconds(0, 60_000) : TimeSpan.FromMinutes(dice.Int(1, 15)));
        if (dice.Chance(0.6) && app.IsKnownAbsent(place))
        {
            await app.InsistAsync(place, dice, () => app.AnyClient(dice), turns: 3);
        }
    }
}
