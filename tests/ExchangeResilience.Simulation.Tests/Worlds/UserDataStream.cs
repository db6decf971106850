using System.Globalization;
using System.Text;
using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Checks;
using ExchangeResilience.Simulation.Tests.Processes;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Worlds;

/// <summary>An event that was offered to a process.</summary>
internal sealed record Offered(SimulatedEffect Effect, SimulatedProcess Process, TimeSpan At);

/// <summary>The user data streams of all accounts, offered to the middleware: at once, minutes later, twice, or not at all.</summary>
internal sealed class UserDataStream(World world)
{
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly List<Offered> _offered = [];
    private int _seen;

    public IReadOnlyList<Offered> Offered => _offered;

    /// <summary>What this request does can be told when it has arrived, or been accepted late.</summary>
    public void NoteSend(HttpRequestMessage request)
    {
        if (request.Method != HttpMethod.Get)
        {
            _ = LookAsync((world.Plan.Settings.Latency / 2) + world.Plan.Settings.EngineDelay + Moment);
            _ = LookAsync(Late);
        }
    }

    private async Task LookAsync(TimeSpan after)
    {
        await Task.Delay(after, world.Time);
        var effects = world.Exchange.Effects;
        for (; _seen < effects.Count; _seen++)
        {
            var effect = effects[_seen];
            if (effect.RequestNumber <= world.RequestsBefore || effect.Kind == EffectKind.MarginChanged || effect.Kind == EffectKind.AlgoCancelled || PayloadOf(effect) is not { } payload)
            {
                continue;
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"event {effect.Kind} {effect.Account} {effect.ClientOrderId} {_seen}");
            var draw = Dice.Draw(world.Plan.Seed, name);
            if (draw < 0.15)
            {
                continue;
            }

            _ = OfferAsync(effect, payload, draw < 0.65 ? Moment * (30 * draw) : TimeSpan.FromMinutes(8 * (draw - 0.65)));
            if (draw > 0.9)
            {
                _ = OfferAsync(effect, payload, TimeSpan.FromMinutes(6 * draw));
            }
        }
    }

    private async Task OfferAsync(SimulatedEffect effect, byte[] payload, TimeSpan after)
    {
        await Task.Delay(after, world.Time);
        var process = await world.LivingAsync();
        var client = effect.Account == Operation.MainAccount ? nameof(Road.Plain) : LargerPlan.Gateway;
        try
        {
            var settled = process.InDoubt.OfferUserData(process.NameOf(client), payload);
            world.Log.Add($"{process}: event {effect.Kind} {effect.ClientOrderId} offered{(settled ? ", which settled it" : "")}");
            _offered.Add(new Offered(effect, process, world.Time.Elapsed));
            CheckSettled(effect, process, process.NameOf(client));
        }
        catch (Exception thrown)
        {
            world.Findings.Violate("a caller is given only what it was promised", $"OfferUserData threw {Findings.Describe(thrown)}");
        }
    }

    /// <summary>Through a client without a key an event does not say whose order it shows, where another account's equal one is open too.</summary>
    private static bool HasRival(SimulatedProcess process, Claim claim) => process.Claims.LatelyPerhapsExecuted.Any(other => other.OrderId is null &&
        other.Key == claim.Key && other.Operation.Terms.Quantity == claim.Operation.Terms.Quantity && other.Origin.Account.KeyHash != claim.Origin.Account.KeyHash);

    /// <summary>
    /// The event of its creation settles an order, whether that is in doubt or in flight still: under a key of its caller's nobody can ask about it, and under ours a question may be
    /// answered too late. Whoever took the event for news of something else would forget it.
    /// </summary>
    private void CheckSettled(SimulatedEffect effect, SimulatedProcess process, string client)
    {
        // An equal order that was placed under the id since has not been shown.
        var isOfAnother = world.Operations.Any(place => place.Until < TimeSpan.MaxValue && place.Order.Id == effect.ClientOrderId && world.IsOf(place, effect));
        if (effect.Kind != EffectKind.Placed || isOfAnother || world.IsCalledFailed(effect) || world.Exchange.Orders.FirstOrDefault(order => order.OrderId == effect.OrderId) is not { } order)
        {
            return;
        }

        var at = order.Time.ToUnixTimeMilliseconds();
        var key = effect.Account == Operation.MainAccount ? process.Identity.Key : World.TenantKeys.Single(key => key.Account == effect.Account);
        foreach (var claim in process.Claims.OpenToEvidence.Where(claim => !claim.IsSettled && claim.Key.Kind == OperationKind.Place && claim.Key.Id == effect.ClientOrderId))
        {
            if (claim.Origin.Account.KeyHash == SigningCredentials.AccountOf(key.Key) && (effect.Account == Operation.MainAccount || claim.Origin.ClientName == client)
                && claim.Operation.Terms.Quantity == effect.AskedQuantity && claim.Attempts.Traces?.Any(window => window.Covers(at)) == true
                && (effect.Account == Operation.MainAccount || !HasRival(process, claim)))
            {
                world.Findings.Violate("what the user data stream shows is in doubt no more", $"{effect.Kind} {effect.ClientOrderId} of {effect.Account} is {claim.State}");
            }
        }
    }

    private byte[]? PayloadOf(SimulatedEffect effect)
    {
        var at = world.Exchange.Clock.Now.ToUnixTimeMilliseconds();
        if (effect.Kind == EffectKind.AlgoPlaced)
        {
            return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""
                {"e":"ALGO_UPDATE","E":{{at}},"T":{{at}},"o":{"caid":"{{effect.ClientOrderId}}","aid":{{effect.OrderId}},"at":"CONDITIONAL","o":"STOP_MARKET","s":"{{effect.Symbol}}","S":"SELL","f":"GTC","q":"{{effect.Quantity}}","X":"NEW","p":"0","tp":"{{effect.Price}}"} }
                """));
        }

        if (world.Exchange.Orders.FirstOrDefault(order => order.OrderId == effect.OrderId) is not { } order)
        {
            return null;
        }

        var (execution, status, time) = effect.Kind switch
        {
            EffectKind.Placed => ("NEW", "NEW", order.Time.ToUnixTimeMilliseconds()),
            EffectKind.Amended => ("AMENDMENT", "NEW", order.UpdateTime.ToUnixTimeMilliseconds()),
            _ => ("CANCELED", "CANCELED", order.UpdateTime.ToUnixTimeMilliseconds()),
        };
        return Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $$"""
            {"e":"ORDER_TRADE_UPDATE","E":{{time}},"T":{{time}},"o":{"s":"{{order.Symbol}}","c":"{{order.ClientOrderId}}","S":"{{order.Side}}","o":"{{order.Type}}","ot":"{{order.Type}}","f":"{{order.TimeInForce}}","q":"{{effect.Quantity}}","p":"{{effect.Price}}","x":"{{execution}}","X":"{{status}}","i":{{order.OrderId}},"z":"0","R":{{(order.ReduceOnly ? "true" : "false")}},"ps":"{{order.PositionSide}}","T":{{time}} } }
            """));
    }
}
