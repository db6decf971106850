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
            if (told.Execution == ExecutionStatus.Executed || MustNotRepeat(stop))
            {
                return;
            }

            await app.WaitAsync(dice.Milliseconds(100, 5_000));
            if (MustNotRepeat(stop))
            {
                return;
            }
        }

        // A loop that wants its position protected does not mind how often it is told to wait.
        for (var tries = LastTries; tries > 0 && stop.Last is { Name: "EQUAL_ORDER_IN_DOUBT" } && !MustNotRepeat(stop); tries--)
        {
            await app.AskAsync(stop, nameof(Road.Plain));
            await app.WaitAsync(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>
    /// A stop that was refused for certain can be placed again. So can, under an id of its own, one like a stop that may never be proved absent, once that has been asked about for an
    /// hour; a loop in the program keeps trying.
    /// </summary>
    public override async Task PlayEpilogueAsync(Application app)
    {
        var stop = app.Operations.FirstOrDefault(operation => operation.Order.Number == Number * 100 && operation.Kind == EffectKind.AlgoPlaced);
        if (stop is null || stop.IsKnownDone || MustNotRepeat(stop) || app.World.Exchange.Effects.Any(effect => effect.AskedQuantity == stop.Quantity))
        {
            return;
        }

        var isRefused = app.World.WasRefusedForCertain(stop);
        if (stop.Order.Id is not null && !isRefused)
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

        if (stop.Last is { Name: "ACCOUNT_UNCLEAR" or "LEFT_BY_EARLIER_RUN" })
        {
            // The exchange had no chance to say whose the earlier one was, or its refusal was not written down in time: naming the account, or settling the order, ends that.
            return;
        }

        app.World.Findings.Violate(isRefused ? "what was refused for certain is not in doubt" : "no legitimate order is refused for good", $"{this}: its stop was told {stop.Last}");
    }

    // Without an id nobody can tell a repeat from another stop once the process has died.
    private static bool MustNotRepeat(Operation stop) => stop.Order.Id is null && stop.Answers.Any(static told => told.Process.IsDead);

    private OrderTermsWanted Terms(Dice dice)
    {
        var terms = AtMarket() with { Side = "SELL" };
        return dice.Chance(0.6) ? terms with { Id = null } : terms;
    }
}
