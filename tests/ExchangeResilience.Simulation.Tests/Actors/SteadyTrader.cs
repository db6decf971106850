using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Places one order after the other, each under an id of its own, through one client after the other.</summary>
internal sealed record SteadyTrader(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override int Lifecycles => 3;

    private static string LastClient(Application app) => app.World.Plan.Settings.Clients[^1] is { Signs: true } last ? last.Name : nameof(Road.Plain);

    public override async Task PlayAsync(Application app, Dice dice)
    {
        for (var part = 1; part <= Lifecycles; part++)
        {
            // One that keeps verdicts for a moment only is not asked to repeat.
            var place = app.Place(AtMarket(part));
            if (LastClient(app) == LargerPlan.Other && dice.Chance(0.6))
            {
                await app.AskAsync(place, LargerPlan.Other);
            }
            else
            {
                await app.InsistAsync(place, dice, () => LastClient(app) is not LargerPlan.Other and var last && dice.Chance(0.6) ? last : app.AnyClient(dice), dice.Int(1, 4));
            }

            await app.WaitAsync(dice.Milliseconds(0, 8_000));
        }
    }
}
