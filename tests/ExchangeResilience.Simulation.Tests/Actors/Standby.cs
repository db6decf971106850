using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Processes;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>A second process on the same journal places the same orders as the first, singly and as a batch, and dies.</summary>
internal sealed record Standby(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    private const int Singles = 2;

    public override int Lifecycles => Singles + 3;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        var beside = await app.World.StartBesideAsync();
        for (var part = 1; part <= Singles; part++)
        {
            await PlaceAsync(app, dice, beside, [app.Place(dice.Chance(0.5) ? AtMarket(part) : Limit(part))]);
        }

        await PlaceAsync(app, dice, beside, [.. Enumerable.Range(Singles + 1, 3).Select(part => app.Place(Limit(part)))]);
        beside.Die();
    }

    private static async Task PlaceAsync(Application app, Dice dice, SimulatedProcess beside, IReadOnlyList<Operation> orders)
    {
        var here = CallAsync(app, dice, orders, beside: null);
        await app.WaitAsync(dice.Milliseconds(0, dice.Pick(50, 6_000)));
        await CallAsync(app, dice, orders, beside);
        await here;
    }

    /// <summary>A batch is made again whole while any part of it is unknown here, and then of what did not succeed.</summary>
    private static async Task CallAsync(Application app, Dice dice, IReadOnlyList<Operation> orders, SimulatedProcess? beside)
    {
        for (var turns = dice.Int(1, 3); turns > 0 && orders.Count > 0; turns--)
        {
            var told = orders is [var single]
                ? [await app.AskAsync(single, app.AnyClient(dice), beside: beside)]
                : await app.AskAsync(orders, app.AnyClient(dice), beside);
            if (told.All(static answer => answer.Execution != ExecutionStatus.Unknown))
            {
                orders = [.. orders.Where((_, item) => told[item].Execution != ExecutionStatus.Executed)];
            }

            await app.WaitAsync(dice.Milliseconds(10, 4_000));
        }
    }
}
