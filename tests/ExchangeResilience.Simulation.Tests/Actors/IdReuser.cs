using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Places one order after the other under one id, as soon as the one before is known to be filled, cancelled or not executed.</summary>
internal sealed record IdReuser(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override int Lifecycles => 3;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        for (var part = 1; part <= Lifecycles; part++)
        {
            var terms = dice.Chance(0.5) ? AtMarket(part, Id) : Limit(part, Id);
            var place = app.Place(terms);
            var told = await app.InsistAsync(place, dice, () => app.AnyClient(dice), turns: 4);
            if (told.Execution == ExecutionStatus.Unknown || (terms.Type != "MARKET" && !await IsOverAsync(app, dice, terms, told)))
            {
                return;
            }

            await app.WaitAsync(dice.Chance(0.5) ? TimeSpan.Zero : dice.Milliseconds(0, 5_000));
        }
    }

    private async Task<bool> IsOverAsync(Application app, Dice dice, OrderTermsWanted terms, CallAnswer told)
    {
        if (told.Execution == ExecutionStatus.NotExecuted)
        {
            return true;
        }

        if (dice.Chance(0.3))
        {
            var part = (terms.Number % 100) + 20;
            var amending = app.AskAsync(app.Amend(terms, Price(part), Quantity(part)), app.AnyClient(dice, Road.Plain, Road.Standard));
            if (dice.Chance(0.5))
            {
                await amending;
            }
        }

        return (await app.InsistAsync(app.Cancel(terms), dice, () => app.AnyClient(dice, Road.Plain, Road.Standard), turns: 4)).Execution == ExecutionStatus.Executed;
    }
}
