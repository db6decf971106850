using ExchangeResilience.Testing;

namespace TradingBot;

/// <summary>To which member happens what, and at which of its orders.</summary>
internal sealed record FleetPlan
{
    /// <summary>How many orders a member needs to be killed in the middle of them.</summary>
    public const int FewestOrders = 8;

    private static readonly TimeSpan BanLength = TimeSpan.FromSeconds(5);

    /// <summary>The member that is told of the ban, by its place in the fleet.</summary>
    public required int Banned { get; init; }

    /// <summary>The member that is killed, by its place in the fleet.</summary>
    public required int Killed { get; init; }

    /// <summary>What the first attempt of an order meets, by its client order id.</summary>
    public required Dictionary<string, Fault> Faults { get; init; }

    public static FleetPlan For(IReadOnlyList<FleetMember> members)
    {
        var (banned, killed) = (members.Count > 2 ? 2 : 0, 1);

        // The orders it is killed over: neither is ever answered, one is executed, one lost. One after the other, so that both are still waited for when the second has left.
        string[] unanswered = [members[killed].IdAt(0.4), members[killed].IdAt(0.4, then: 1)];
        return new FleetPlan
        {
            Banned = banned,
            Killed = killed,
            Faults = new(StringComparer.Ordinal)
            {
                [members[banned].IdAt(0.15)] = Fault.Ban(BanLength),
                [unanswered[0]] = Fault.Silence,
                [unanswered[1]] = Fault.SilenceBeforeExecute,
            },
        };
    }
}
