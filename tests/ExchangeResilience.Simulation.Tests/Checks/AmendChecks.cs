using System.Globalization;
using ExchangeResilience.Simulation.Tests.Worlds;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Checks;

/// <summary>The last word on an order's price is the one its program spoke last.</summary>
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
        }
    }
}
