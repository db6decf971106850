using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Places orders and cancels all of the market while they are on their way.</summary>
internal sealed record CancelsAll(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override int Lifecycles => 3;

    public override string Symbol => OwnMarket;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        var placing = Enumerable.Range(1, 3).Select(part => app.AskAsync(app.Place(Limit(part)), app.AnyClient(dice))).ToList();
        await app.WaitAsync(dice.Milliseconds(0, 6_000));
        await app.InsistAsync(app.CancelAll(Limit()), dice, () => app.AnyClient(dice, Road.Plain, Road.Resend, Road.Standard), turns: 4);
        await Task.WhenAll(placing);
    }
}
