using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Adds to the margin of a position, through handlers that send again what failed; asks again itself only what was not executed.</summary>
internal sealed record MarginAdder(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override string Symbol => OwnMarket;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        await app.IsolateAsync(Symbol);
        if ((await app.InsistAsync(app.Place(AtMarket()), dice, static () => nameof(Road.Plain), turns: 5)).Execution != ExecutionStatus.Executed)
        {
            return;
        }

        for (var part = dice.Int(1, 2); part > 0; part--)
        {
            var addition = app.AddMargin(AtMarket(part), Quantity(part));
            var told = await app.AskAsync(addition, app.AnyClient(dice));
            if (told is { Execution: ExecutionStatus.NotExecuted, Code: 0 })
            {
                await app.WaitAsync(dice.Milliseconds(0, 3_000));
                await app.AskAsync(addition, app.AnyClient(dice));
            }
        }
    }
}
