using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Amends one order two or three times, without waiting for what becomes of the amendment before.</summary>
internal sealed record AmendSequence(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    public override async Task PlayAsync(Application app, Dice dice)
    {
        var terms = Limit();
        if ((await app.InsistAsync(app.Place(terms), dice, () => app.AnyClient(dice), turns: 4)).Execution != ExecutionStatus.Executed)
        {
            return;
        }

        var amending = new List<Task>();
        for (var part = dice.Int(2, 3); part > 0; part--)
        {
            amending.Add(app.AskAsync(app.Amend(terms, Price(10 * part), Quantity(part)), app.AnyClient(dice)));
            await app.WaitAsync(dice.Milliseconds(0, 5_000));
        }

        await Task.WhenAll(amending);
        if (dice.Chance(0.3))
        {
            await app.InsistAsync(app.Cancel(terms), dice, () => app.AnyClient(dice, Road.Plain, Road.Resend, Road.Standard), turns: 4);
        }
    }
}
