using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Closes a position by a reduce-only order larger than it, which the exchange cuts.</summary>
internal sealed record Closer(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override int Lifecycles => 2;

    public override string Symbol => OwnMarket;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        if ((await app.InsistAsync(app.Place(AtMarket()), dice, () => app.AnyClient(dice), turns: 5)).Execution != ExecutionStatus.Executed)
        {
            return;
        }

        await app.WaitAsync(dice.Milliseconds(0, 3_000));
        var closing = (dice.Chance(0.7) ? AtMarket(1) : Limit(1) with { Price = 60_000m + Number }) with { Side = "SELL" };
        await app.InsistAsync(app.Place(closing, more: "&reduceOnly=true"), dice, () => app.AnyClient(dice), turns: 4);
    }
}
