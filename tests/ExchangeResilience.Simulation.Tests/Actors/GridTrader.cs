using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Places orders until one is not known to stand, cancels that one meanwhile, and places it anew under the same id when it has proved absent.</summary>
internal sealed record GridTrader(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    public override int Lifecycles => 4;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        for (var part = 1; part <= Lifecycles; part++)
        {
            var terms = Limit(part);
            var place = app.Place(terms);
            var placing = app.AskAsync(place, app.AnyClient(dice), dice.Chance(0.3) ? dice.Milliseconds(0, 4_000) : null);
            await Task.WhenAny(placing, app.WaitAsync(Patience));
            if (!place.IsKnownDone)
            {
                await CancelAsync(app, dice, place, placing);
                return;
            }
        }
    }

    private static async Task CancelAsync(Application app, Dice dice, Operation place, Task placing)
    {
        await app.WaitAsync(dice.Milliseconds(0, dice.Pick(500, 5_000, 15_000)));
        await app.InsistAsync(app.Cancel(place.Order), dice, () => app.AnyClient(dice, Road.Plain, Road.Standard), turns: dice.Int(1, 3));
        await placing;
        await app.WaitAsync(dice.Chance(0.5) ? dice.Milliseconds(0, 60_000) : TimeSpan.FromMinutes(dice.Int(1, 15)));
        if (dice.Chance(0.6) && app.IsKnownAbsent(place))
        {
            await app.InsistAsync(place, dice, () => app.AnyClient(dice), turns: 3);
        }
    }
}
