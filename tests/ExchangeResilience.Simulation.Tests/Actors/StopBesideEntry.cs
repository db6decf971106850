using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>An entry and its stop, a conditional order, under one id; then what is left of the entry is cancelled, or the stop.</summary>
internal sealed record StopBesideEntry(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override int Lifecycles => 2;

    public override string Symbol => OwnMarket;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        var terms = dice.Chance(0.7) ? AtMarket() : Limit();
        var entering = app.InsistAsync(app.Place(terms), dice, () => app.AnyClient(dice), turns: 3);
        if (dice.Chance(0.7))
        {
            await entering;
        }

        await app.WaitAsync(dice.Milliseconds(0, 2_000));
        var stop = terms with { Side = "SELL", Quantity = Quantity(1) };
        var protecting = app.AskAsync(app.PlaceStop(stop, Price(-10_000)), app.AnyClient(dice));
        await app.WaitAsync(dice.Milliseconds(0, 3_000));
        if (dice.Chance(0.7))
        {
            await app.InsistAsync(app.Cancel(terms), dice, () => app.AnyClient(dice, Road.Plain, Road.Standard), turns: 2);
        }

        await protecting;
        if (dice.Chance(0.2))
        {
            await app.InsistAsync(app.CancelStop(stop), dice, () => app.AnyClient(dice, Road.Plain, Road.Standard), turns: 4);
        }

        await entering;
    }
}
