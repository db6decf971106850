using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Places one order after the other, each under an id of its own, through one client after the other.</summary>
internal sealed record SteadyTrader(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override int Lifecycles => 3;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        for (var part = 1; part <= Lifecycles; part++)
        {
            await app.InsistAsync(app.Place(AtMarket(part)), dice, () => app.AnyClient(dice), dice.Int(1, 4));
            await app.WaitAsync(dice.Milliseconds(0, 8_000));
        }
    }
}
