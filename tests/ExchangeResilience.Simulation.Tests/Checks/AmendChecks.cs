using System.Globalization;
using ExchangeResilience.Simulation.Tests.Callers;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Checks;

/// <summary>The last word on an order's price is the one its program spoke last, and none is spoken of an order that was placed afterwards.</summary>
internal static class AmendChecks
{
    public static void Check(World world)
    {
        var amends = world.Application.Operations.Where(static operation => operation is { Kind: EffectKind.Amended, IsBegun: true })
            .Select(amend => (Amend: amend, Effects: world.Exchange.Effects.Where(effect => effect.Kind == EffectKind.Amended && effect.Account == amend.Account && effect.Quantity == amend.Quantity).ToList()));
        foreach (var sequence in amends.GroupBy(static entry => (entry.Amend.Account, entry.Amend.Order.Id)))
        {
            foreach (var newer in sequence)
            {
                foreach (var older in sequence.Where(older => older.Amend.Begun[^1] < newer.Amend.Begun[0] && newer.Effects.Count > 0))
                {
                    if (older.Effects.Find(effect => world.SentAt(effect) > world.SentAt(newer.Effects[0])) is { } stale)
                    {
                        world.Findings.Violate(
                            "no amendment leaves after a newer one",
                            string.Create(CultureInfo.InvariantCulture, $"{older.Amend} left at {world.SentAt(stale).TotalSeconds:0.0000}, {newer.Amend} at {world.SentAt(newer.Effects[0]).TotalSeconds:0.0000}"));
                    }
                }
            }

            foreach (var (amend, effects) in sequence)
            {
                effects.ForEach(effect => CheckReach(world, amend, effect));
            }
        }
    }

    // Another process, an earlier run among them, does not know of the amendment, or not that it is on its way.
    private static void CheckReach(World world, Operation amend, SimulatedEffect amended)
    {
        var placed = world.Exchange.Effects.First(effect => effect.Kind == EffectKind.Placed && effect.OrderId == amended.OrderId);
        var place = world.Application.Operations.FirstOrDefault(operation => operation is { Kind: EffectKind.Placed, IsBegun: true } && world.IsOf(operation, placed));
        if (place is not null && amend.Begun.All(begun => begun < place.Begun[0]) && world.Wire.SenderOf(amended) is { } sender && sender == world.Wire.SenderOf(placed))
        {
            world.Findings.Violate(
                "no amendment reaches an order that was placed after it",
                string.Create(CultureInfo.InvariantCulture, $"{amend} left at {world.SentAt(amended).TotalSeconds:0.0000}, {place} at {world.SentAt(placed).TotalSeconds:0.0000}"));
        }
    }
}
