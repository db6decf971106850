using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Places a stop, often without an id, gives each try little time, and tries again for as long as the stop does not stand.</summary>
internal sealed record HurriedStop(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    private const int LastTries = 150;

    public override string Symbol => OwnMarket;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        var stop = app.PlaceStop(Terms(dice), Price(-10_000));
        for (var turns = dice.Int(1, 3); turns > 0; turns--)
        {
            var told = await app.AskAsync(stop, app.AnyClient(dice, Road.Plain), dice.Chance(0.7) ? dice.Milliseconds(20, 500) : null);
            if (told.Execution == ExecutionStatus.Executed)
            {
                return;
            }

            await app.WaitAsync(dice.Milliseconds(100, 5_000));
        }
    }

    /// <summary>Once asked about for an hour, one that may never be proved absent holds nothing back. Another one of the same terms, as a loop in the program keeps asking for it.</summary>
    public override async Task PlayEpilogueAsync(Application app)
    {
        var stop = app.Operations.FirstOrDefault(operation => operation.Order.Number == Number * 100 && operation.Kind == EffectKind.AlgoPlaced);
        if (stop is null || stop.Tellings.Any(static told => told.Execution == ExecutionStatus.Executed) || app.World.Exchange.Effects.Any(effect => effect.AskedQuantity == stop.Quantity))
        {
            return;
        }

        for (var tries = LastTries; tries > 0; tries--)
        {
            if ((await app.AskAsync(stop, nameof(Road.Plain))).Execution == ExecutionStatus.Executed)
            {
                return;
            }

            await app.WaitAsync(TimeSpan.FromSeconds(1));
        }

        app.World.Findings.Violate("no legitimate order is refused for good", $"{this}: its stop was told {stop.Last}");
    }

    private OrderTermsWanted Terms(Dice dice)
    {
        var terms = AtMarket() with { Side = "SELL" };
        return dice.Chance(0.6) ? terms with { Id = null } : terms;
    }
}
