using System.Globalization;
using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>Conditional orders, which live apart until the market sets them off.</summary>
internal static class AlgoEndpoints
{
    public static Answer Place(Call call)
    {
        var parameters = call.Parameters;
        var instrument = call.Engine.Find(parameters["symbol"])!;
        var type = parameters["type"]!;
        var side = parameters["side"]!;
        var positionSide = parameters["positionSide"] ?? "BOTH";
        var trigger = parameters.Decimal("triggerPrice") ?? 0;
        var closes = parameters.Flag("closePosition");
        if (Check(call, instrument, trigger) is { } refusal)
        {
            return refusal;
        }

        var id = call.Engine.NextAlgoId();
        var order = new AlgoOrder
        {
            Id = id,
            ClientAlgoId = parameters["clientAlgoId"] ?? string.Create(CultureInfo.InvariantCulture, $"x-{id}"),
            Instrument = instrument,
            Side = side,
            Type = type,
            PositionSide = positionSide,
            TriggerPrice = trigger,
            Price = parameters.Decimal("price") ?? 0,
            Quantity = parameters.Decimal("quantity") ?? 0,
            ClosesPosition = closes,
            ReduceOnly = parameters.Flag("reduceOnly"),
            Created = call.Moment.Now,
            Updated = call.Moment.Now,
        };
        if (order.IsTriggeredBy(instrument.Price))
        {
            return Refusal.WouldTrigger;
        }

        var open = call.Account.OpenAlgoOrders;
        if (closes && open.Values.Any(other => other.ClosesPosition && other.Instrument == instrument && other.Side == side && other.PositionSide == positionSide))
        {
            return Refusal.CloseExists;
        }

        if (!open.TryAdd(order.ClientAlgoId, order))
        {
            return Refusal.DuplicateId;
        }

        call.Account.AlgoOrders.Add(order);
        call.Engine.Note(EffectKind.AlgoPlaced, order, call);
        call.Engine.Tell(call.Account, order, call.Moment);
        return Describe(order);
    }

    public static Answer Get(Call call) => Find(call) is { } order ? Describe(order) : Refusal.NoSuchOrder;

    public static Answer Cancel(Call call)
    {
        if (Find(call) is not { Status: "NEW" } order)
        {
            return Refusal.CancelRejected;
        }

        End(call, order);
        return new JsonObject { ["algoId"] = order.Id, ["clientAlgoId"] = order.ClientAlgoId, ["code"] = "200", ["msg"] = "success" };
    }

    public static Answer GetOpen(Call call) => new JsonArray([.. Open(call).Select(Describe)]);

    public static Answer GetAll(Call call)
    {
        var fromId = call.Parameters.Integer("algoId") ?? 0;
        var orders = call.Account.AlgoOrders.Where(order => order.Instrument.Name == call.Parameters["symbol"] && order.Id >= fromId && call.IsInRange(order.Created));
        return new JsonArray([.. call.Limited(orders, 500, 1000).Select(Describe)]);
    }

    public static Answer CancelAll(Call call)
    {
        foreach (var order in Open(call).ToList())
        {
            End(call, order);
        }

        return new JsonObject { ["code"] = 200, ["msg"] = "The operation of cancel all open order is done." };
    }

    public static Refusal? CheckNamed(Call call) =>
        call.Parameters.Has("algoId") || call.Parameters.Has("clientAlgoId") ? null : Refusal.Either("algoId", "clientAlgoId");

    private static Refusal? Check(Call call, Instrument instrument, decimal trigger)
    {
        var parameters = call.Parameters;
        var closes = parameters.Flag("closePosition");
        var holds = call.Account.Positions.Any(position => position.Symbol == instrument.Name && position.Quantity != 0);
        return parameters["type"] switch
        {
            _ when parameters["algoType"] != "CONDITIONAL" => Refusal.BadData("algoType"),
            { } type when !OrderDraft.IsConditional(type) => Refusal.BadOrderType,
            _ when parameters["side"] is not ("BUY" or "SELL") => Refusal.BadSide,
            _ when call.Account.IsHedging != (parameters["positionSide"] is "LONG" or "SHORT") => Refusal.PositionSideMismatch,
            _ when parameters["clientAlgoId"] is { Length: > 36 } => Refusal.IdTooLong,
            not "TRAILING_STOP_MARKET" when trigger <= 0 => Refusal.Mandatory("triggerPrice"),
            "STOP" or "TAKE_PROFIT" when !parameters.Has("price") => Refusal.Mandatory("price"),
            _ when !closes && !parameters.Has("quantity") => Refusal.Mandatory("quantity"),
            _ when closes && parameters["timeInForce"] == "GTE_GTC" && !holds => Refusal.NeedsPosition,
            _ => null,
        };
    }

    private static IEnumerable<AlgoOrder> Open(Call call) =>
        call.Account.OpenAlgoOrders.Values.Where(order => call.IsAbout(order.Instrument.Name));

    private static AlgoOrder? Find(Call call) => call.Parameters.Integer("algoId") is { } id
        ? call.Account.AlgoOrders.Find(order => order.Id == id)
        : call.Account.AlgoOrders.FindLast(order => order.ClientAlgoId == call.Parameters["clientAlgoId"]);

    private static void End(Call call, AlgoOrder order)
    {
        order.Status = "CANCELED";
        order.Updated = call.Moment.Now;
        call.Account.OpenAlgoOrders.Remove(order.ClientAlgoId);
        call.Engine.Note(EffectKind.AlgoCancelled, order, call);
        call.Engine.Tell(call.Account, order, call.Moment);
    }

    private static JsonObject Describe(AlgoOrder order) => new()
    {
        ["algoId"] = order.Id,
        ["clientAlgoId"] = order.ClientAlgoId,
        ["algoType"] = "CONDITIONAL",
        ["orderType"] = order.Type,
        ["symbol"] = order.Instrument.Name,
        ["side"] = order.Side,
        ["positionSide"] = order.PositionSide,
        ["timeInForce"] = "GTC",
        ["quantity"] = WireValue.Number(order.Quantity),
        ["algoStatus"] = order.Status,
        ["triggerPrice"] = WireValue.Number(order.TriggerPrice),
        ["price"] = WireValue.Number(order.Price),
        ["closePosition"] = order.ClosesPosition,
        ["reduceOnly"] = order.ReduceOnly,
        ["actualOrderId"] = order.OrderId?.ToString(CultureInfo.InvariantCulture) ?? "",
        ["createTime"] = WireValue.Time(order.Created),
        ["updateTime"] = WireValue.Time(order.Updated),
    };
}
