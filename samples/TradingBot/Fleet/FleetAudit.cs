using ExchangeResilience.Testing;

namespace TradingBot;

/// <summary>Holds what the members say against the exchange's own book.</summary>
internal sealed class FleetAudit
{
    // What had passed the gate when the word came has still to be written down in the database, and to travel, on a machine that all members share.
    private static readonly TimeSpan BeyondTheGate = TimeSpan.FromSeconds(3);

    private FleetAudit()
    {
    }

    /// <summary>Intended orders that the book holds exactly once.</summary>
    public int ExecutedOnce { get; private init; }

    /// <summary>Orders in the book beyond the first of an intent.</summary>
    public int Duplicates { get; private init; }

    /// <summary>Intended orders that the book does not hold.</summary>
    public int Missing { get; private init; }

    /// <summary>Requests the exchange received.</summary>
    public int Requests { get; private init; }

    /// <summary>Requests sent into a hold by a process that had been told of it, by the exchange or by the database, more than SendBefore (3 s in the show) before: an order that has passed the gate leaves by then or not at all.</summary>
    public int SentThoughTold { get; private init; }

    /// <summary>Requests sent into a hold of which word came while they were on their way, or later.</summary>
    public int SentBeforeTold { get; private init; }

    public static FleetAudit Of(FleetExchange place, IReadOnlyList<FleetMember> members)
    {
        var book = place.Exchange.Orders.CountBy(static order => order.ClientOrderId, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        var counts = members.SelectMany(static member => member.Ids).Select(id => book.GetValueOrDefault(id)).ToList();
        var told = members.ToDictionary(static member => member, static member => member.Events.Where(static news => news.IsWordOfHold).Select(static news => news.At).ToList());
        var into = place.Exchange.SentIntoHold.CountBy(request => WasTold(place, request, told)).ToDictionary();
        return new FleetAudit
        {
            ExecutedOnce = counts.Count(static count => count == 1),
            Duplicates = place.Exchange.Scoreboard.ExtraIntents,
            Missing = counts.Count(static count => count == 0),
            Requests = place.Exchange.Requests.Count,
            SentThoughTold = into.GetValueOrDefault(true),
            SentBeforeTold = into.GetValueOrDefault(false),
        };
    }

    // Requests without an order's id could be anybody's: they count once all had been told.
    private static bool WasTold(FleetExchange place, ReceivedRequest request, Dictionary<FleetMember, List<long>> told)
    {
        var id = request.Parameters.GetValueOrDefault("newClientOrderId") ?? request.Parameters.GetValueOrDefault("origClientOrderId");
        var holdAt = place.AtOf(request.Elapsed - request.IntoHold!.Value - FleetExchange.OnTheirWay);
        var arrivedAt = place.AtOf(request.Elapsed - BeyondTheGate);
        var senders = id is null ? told : told.Where(member => member.Key.Owns(id));
        return senders.All(member => member.Value.Exists(at => at >= holdAt && at < arrivedAt));
    }
}
