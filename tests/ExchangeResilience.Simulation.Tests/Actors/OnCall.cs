using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>An operator who settles an order in doubt by the exchange's own records, while the search goes on and callers may wait for it.</summary>
internal sealed record OnCall(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    // Nothing is accepted later than twice its recvWindow.
    private static readonly TimeSpan NothingComesAfter = TimeSpan.FromSeconds(30);

    public override async Task PlayAsync(Application app, Dice dice)
    {
        var place = app.Place(dice.Chance(0.6) ? AtMarket() : Limit());
        var first = app.AskAsync(place, app.AnyClient(dice), dice.Chance(0.4) ? dice.Milliseconds(0, 8_000) : null);
        for (var looks = 3; looks > 0 && !place.IsKnownDone; looks--)
        {
            await app.WaitAsync(dice.Milliseconds(500, dice.Pick(5_000, 60_000)));
            var joined = dice.Chance(0.5) && !place.IsKnownDone ? app.AskAsync(place, app.AnyClient(dice)) : Task.CompletedTask;
            await app.WaitAsync(dice.Milliseconds(0, 2_000));
            Settle(app.World, place);
            await joined;
        }

        await first;
        if (app.IsKnownAbsent(place))
        {
            // Its id is free, for it or for another order.
            await app.InsistAsync(dice.Chance(0.5) ? place : app.Place(Limit(1, Id)), dice, () => app.AnyClient(dice), turns: 2);
        }
    }

    private static void Settle(World world, Operation place)
    {
        var isDone = world.Exchange.Effects.Any(effect => effect.Kind == EffectKind.Placed && effect.AskedQuantity == place.Quantity);
        var isOver = world.Wire.Sent.Where(sent => sent.Method == "POST" && (sent.Query + sent.Body).Contains(place.Order.Id!, StringComparison.Ordinal)).All(sent => world.Time.Elapsed - sent.At > NothingComesAfter);
        if (world.Present.IsDead || (!isDone && !isOver))
        {
            return;
        }

        foreach (var doubt in world.Present.InDoubt.List().Where(doubt => doubt.ClientOrderId == place.Order.Id))
        {
            world.Log.Add($"{place} is settled by an operator");
            place.IsSettledByHand = true;
            world.Present.InDoubt.Settle(doubt, isDone ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted, "the operator", "the exchange's book");
        }
    }
}
