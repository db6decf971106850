using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Places an order, cancels it, and places another one under its id; cancels the first once more by the exchange's number of it, which is none of the second.</summary>
internal sealed record Replacer(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override int Lifecycles => 2;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        var first = Limit();
        if (await app.InsistAsync(app.Place(first), dice, () => app.AnyClient(dice), turns: 4) is not { Execution: ExecutionStatus.Executed, OrderId: { } number })
        {
            return;
        }

        var cancelled = await app.InsistAsync(app.Cancel(first), dice, () => app.AnyClient(dice, Road.Plain, Road.Standard), turns: 4);
        if (cancelled.Execution != ExecutionStatus.Executed)
        {
            return;
        }

        var second = Limit(1, first.Id);
        var placing = app.InsistAsync(app.Place(second), dice, () => app.AnyClient(dice), turns: 3);
        await app.WaitAsync(dice.Milliseconds(0, 4_000));
        var again = app.Cancel(first with { Id = null });
        again.OrderId = number;
        await app.AskAsync(again, app.AnyClient(dice, Road.Plain, Road.Standard));
        await placing;
    }
}
