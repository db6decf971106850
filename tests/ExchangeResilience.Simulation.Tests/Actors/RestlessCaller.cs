using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Cancels its calls in whatever state they are, and calls again with a request built anew, seconds or minutes later.</summary>
internal sealed record RestlessCaller(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override async Task PlayAsync(Application app, Dice dice)
    {
        var order = app.Place(dice.Chance(0.6) ? AtMarket() : Limit());
        for (var turns = dice.Int(2, 5); turns > 0; turns--)
        {
            var told = await app.AskAsync(order, app.AnyClient(dice), turns == 1 ? null : dice.Milliseconds(0, dice.Pick(100, 1_000, 12_000)));
            if (told.Execution == ExecutionStatus.Executed)
            {
                return;
            }

            await app.WaitAsync(dice.Chance(0.5) ? dice.Milliseconds(0, 5_000) : dice.Milliseconds(5_000, 180_000));
        }
    }
}
