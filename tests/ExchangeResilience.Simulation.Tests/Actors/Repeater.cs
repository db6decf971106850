using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Processes;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Actors;

/// <summary>Places the same order again and again under one id, each once the one before is over and its verdict answers for no other.</summary>
internal sealed record Repeater(int Number, TimeSpan StartAt) : Actor(Number, StartAt)
{
    // The verdict of an order that was in doubt answers its equal for a minute after it was reported.
    private static readonly TimeSpan Remembered = TimeSpan.FromSeconds(75);

    public override int Lifecycles => 4;

    public override async Task PlayAsync(Application app, Dice dice)
    {
        var place = dice.Chance(0.2) ? app.PlaceStop(AtMarket() with { Side = "SELL" }, Price(-10_000)) : app.Place(dice.Chance(0.4) ? AtMarket() : Limit());
        for (var left = Lifecycles; left > 0; left--)
        {
            var told = await TryAsync(app, place, dice);
            if (!IsVerdict(told) || !await IsAnotherAsync(app, place, told, dice) || !IsAlive(app, told))
            {
                return;
            }

            place = app.PlaceEqual(place);
        }
    }

    /// <summary>Calls until it is told a verdict, or the process is another: that may take an equal order for the one before.</summary>
    private static async Task<CallAnswer> TryAsync(Application app, Operation operation, Dice dice)
    {
        for (var turns = 5; ; turns--)
        {
            var asking = operation.Kind == EffectKind.Placed && dice.Chance(0.2)
                ? InBatchAsync(app, operation, app.AnyClient(dice, Road.Plain, Road.Resend))
                : app.AskAsync(operation, operation.IsCancel ? app.AnyClient(dice, Road.Plain, Road.Standard) : app.AnyClient(dice, Road.Plain, Road.Resend, Road.Clone, Road.Hedge, Road.Standard, Road.Failover));
            if (dice.Chance(0.2))
            {
                await app.WaitAsync(dice.Milliseconds(0, 4_000));
                await app.LookAsync(operation, app.AnyClient(dice, Road.Plain));
            }

            var told = await asking;
            if (IsVerdict(told) || turns == 1)
            {
                return told;
            }

            await app.WaitAsync(dice.Milliseconds(10, 20_000));
            if (operation.Since > TimeSpan.Zero && !IsAlive(app, told))
            {
                return told;
            }
        }
    }

    private static async Task<CallAnswer> InBatchAsync(Application app, Operation operation, string client) => (await app.AskAsync([operation], client))[0];

    /// <summary>A call that was cancelled before it left is told so of itself alone.</summary>
    private static bool IsVerdict(CallAnswer told) => told.Execution != ExecutionStatus.Unknown && told.Name != "cancelled";

    private static bool IsAlive(Application app, CallAnswer told) => app.World.Present == told.Process && !told.Process.IsDead;

    /// <summary>Waits until its equal is another order: after its cancel or after a while. False where that is not known.</summary>
    private static async Task<bool> IsAnotherAsync(Application app, Operation place, CallAnswer told, Dice dice)
    {
        var cancelled = told;
        if (told.Execution == ExecutionStatus.Executed && (place.Kind == EffectKind.AlgoPlaced || place.Order.Type != "MARKET"))
        {
            cancelled = await TryAsync(app, place.Kind == EffectKind.AlgoPlaced ? app.CancelStop(place.Order) : app.Cancel(place.Order), dice);
            if (!IsVerdict(cancelled))
            {
                return false;
            }
        }

        var isGone = cancelled != told && cancelled.Execution == ExecutionStatus.Executed;
        await app.WaitAsync(isGone || (told.Execution == ExecutionStatus.NotExecuted && dice.Chance(0.5)) ? dice.Milliseconds(0, 3_000) : Remembered + dice.Milliseconds(0, 3_000));
        return true;
    }
}
