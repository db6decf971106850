using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Checks;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Worlds;

/// <summary>When all has been quiet for more than an hour: everybody looks for what became of their orders, everybody can trade, an operator settles what nobody can ask about, and nothing is left.</summary>
internal sealed class Epilogue(World world)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    // The longest window of a limit is a minute, and where the exchange's clock has stepped meanwhile, what was used before is counted in the window that is now.
    private const int Tries = 15;
    private static readonly TimeSpan LastRecheck = TimeSpan.FromMinutes(11);

    public async Task PlayAsync()
    {
        foreach (var operation in world.Application.Operations.Where(static operation => operation.IsBegun && operation.Account != Operation.MainAccount && !operation.IsCancel).ToList())
        {
            await world.Application.LookAsync(operation, LargerPlan.Gateway, World.TenantKeys.Single(key => key.Account == operation.Account));
        }

        foreach (var doubt in world.Present.InDoubt.List().Where(doubt => IsShown(doubt) || !IsExcused(doubt)))
        {
            world.Findings.Violate("nothing stays in doubt after the evidence window", $"{doubt.Kind} {doubt.ClientOrderId} of {doubt.ClientName}: {doubt.State}");
        }

        await TradeAsync();
        foreach (var actor in world.Plan.Actors)
        {
            await actor.PlayEpilogueAsync(world.Application);
        }

        await Task.Delay(LastRecheck, world.Time);
        foreach (var doubt in world.Present.InDoubt.List())
        {
            world.Present.InDoubt.Settle(doubt, IsDone(doubt) ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted, "the operator", "the exchange's book");
        }

        await Task.Delay(LastRecheck, world.Time);
        foreach (var doubt in world.Present.InDoubt.List())
        {
            world.Findings.Violate("every claim ends", $"{doubt.Kind} {doubt.ClientOrderId} of {doubt.ClientName}: {doubt.State}");
        }

        MemoryChecks.Check(world);
    }

    /// <summary>Through each client a new order is executed.</summary>
    private async Task TradeAsync()
    {
        var number = 0;
        foreach (var client in world.Plan.Settings.Clients)
        {
            var key = client.Signs ? null : World.TenantKeys[0];
            var place = world.Application.Place(
                new OrderTermsWanted { Number = 9_000 + ++number, Symbol = Actors.Actor.Market, Side = "BUY", Type = "MARKET", Quantity = 900 + number, Id = $"last-{client.Name}" },
                key?.Account ?? Operation.MainAccount);
            for (var tries = Tries; tries > 0 && place.Last is not { Execution: ExecutionStatus.Executed }; tries--)
            {
                await world.Application.AskAsync(place, client.Name, key: key);
                await Task.Delay(Pause, world.Time);
            }

            if (place.Last is not { Execution: ExecutionStatus.Executed })
            {
                world.Findings.Violate("no legitimate order is refused for good", $"through {client.Name}, told {place.Last}");
            }
        }
    }

    private bool IsDone(InDoubtOrder doubt) => world.Exchange.Effects.Any(effect => effect.ClientOrderId == doubt.ClientOrderId && effect.RequestNumber > world.RequestsBefore
        && (effect.Kind == EffectKind.Amended) == (doubt.Kind == OperationKind.Amend) && effect.Kind is EffectKind.Placed or EffectKind.AlgoPlaced or EffectKind.Amended);

    /// <summary>An amendment under a tenant's key that the order itself shows, so that its tenant's look at the order settles it.</summary>
    private bool IsShown(InDoubtOrder doubt) => doubt is { Kind: OperationKind.Amend, Claim.Operation: var amend }
        && world.Exchange.Orders.Any(order => World.IsOf(order.Account, doubt) && order.ClientOrderId == amend.ClientOrderId && order.Price == amend.Terms.Price && order.Quantity == amend.Terms.Quantity);

    /// <summary>
    /// What cannot be proved: that a conditional order or one under a key nobody here has was never executed, or that one hidden behind an older order of its id was not; and what
    /// became of an order under a key that was rotated before the exchange had said whose it is, or of one whose terms an amendment has changed where nobody can ask for its history.
    /// </summary>
    private bool IsExcused(InDoubtOrder doubt)
    {
        var meant = world.Operations.Where(operation => !operation.IsCancel && operation.Order.Id == doubt.ClientOrderId).ToList();
        var done = world.Exchange.Effects;
        return world.IsHiddenByANamesake(doubt)
            || meant.Count == 0
            || (doubt.State == InDoubtState.NobodyToAsk && world.Journal.EntriesOf(doubt.ClientOrderId ?? "").Any(entry => entry is { IsForeignKey: false, AccountName: null } && (world.HasBeside || entry is { State: JournalState.Open, AccountCode: null })))
            || meant.Exists(static operation => operation.Account != Operation.MainAccount && operation.Kind == EffectKind.Amended && operation.IsBegun)
            || meant.Exists(operation => (operation.Kind == EffectKind.AlgoPlaced || operation.Account != Operation.MainAccount) && !done.Any(effect => effect.AskedQuantity == operation.Quantity && effect.Account == operation.Account))
            || (doubt.Kind == OperationKind.Place && meant.Count(operation => operation is { Kind: EffectKind.Placed, Account: Operation.MainAccount }) > 1);
    }
}
