using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Places a batch of orders in two markets, again whole while any part of it is unknown, and cancels all of one market meanwhile.</summary>
internal sealed record TwoMarkets(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override int Lifecycles => 4;

    public override string Symbol => OwnMarket;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        var placing = PlaceAsync(app, dice);
        await app.WaitAsync(dice.Milliseconds(0, 6_000));
        await app.InsistAsync(app.CancelAll(Limit()), dice, () => app.AnyClient(dice, Road.Plain, Road.Resend, Road.Standard), turns: 4);
        await placing;
    }

    private async Task PlaceAsync(Application app, Dice dice)
    {
        IReadOnlyList<Operation> batch = [.. Enumerable.Range(1, 4).Select(part => app.Place(part % 2 == 0 ? Limit(part) : Limit(part) with { Symbol = Market }))];
        for (var turns = dice.Int(1, 4); turns > 0 && batch.Any(static place => place.Last is null or { Execution: ExecutionStatus.Unknown }); turns--)
        {
            await app.AskAsync(batch, app.AnyClient(dice));
            await app.WaitAsync(dice.Milliseconds(10, 5_000));
        }
    }
}
