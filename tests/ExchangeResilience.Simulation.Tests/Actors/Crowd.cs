using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Places so many orders of one symbol at once that those in doubt are looked for in one list.</summary>
internal sealed record Crowd(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override int Lifecycles => 24;

    public override Task PlayAsync(Application app, Dice dice) => Task.WhenAll(Enumerable.Range(1, Lifecycles).Select(async part =>
    {
        await app.WaitAsync(dice.Milliseconds(0, 3_000));
        await app.InsistAsync(app.Place(dice.Chance(0.5) ? AtMarket(part) : Limit(part)), dice, () => app.AnyClient(dice, Road.Plain, Road.Resend), dice.Int(1, 3));
    }));
}
