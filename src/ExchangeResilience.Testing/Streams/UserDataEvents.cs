using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>Events of the user data stream as the exchange writes them.</summary>
internal static class UserDataEvents
{
    /// <summary>The state of an order. The execution is what happened now: NEW, AMENDMENT, TRADE, CANCELED or EXPIRED.</summary>
    public static JsonObject Of(Order order, string execution, Moment moment, SimulatedExecution? fill = null) => new()
    {
        ["e"] = "ORDER_TRADE_UPDATE",
        ["E"] = moment.Milliseconds,
        ["T"] = moment.Milliseconds,
        ["o"] = new JsonObject
        {
            ["s"] = order.Draft.Instrument.Name,
            ["c"] = order.Draft.ClientOrderId,
            ["S"] = order.Draft.Side,
            ["o"] = order.Draft.Type,
            ["f"] = order.Draft.TimeInForce,
            ["q"] = WireValue.Number(order.Quantity),
            ["p"] = WireValue.Number(order.Price),
            ["ap"] = WireValue.Number(order.AveragePrice),
            ["sp"] = "0",
            ["x"] = execution,
            ["X"] = order.Status,
            ["i"] = order.Id,
            ["l"] = WireValue.Number(fill?.Quantity ?? 0),
            ["z"] = WireValue.Number(order.Executed),
            ["L"] = WireValue.Number(fill?.Price ?? 0),
            ["N"] = "USDT",
            ["n"] = "0",
            ["T"] = moment.Milliseconds,
            ["t"] = fill?.TradeId ?? 0,
            ["b"] = "0",
            ["a"] = "0",
            ["m"] = false,
            ["R"] = order.Draft.ReduceOnly,
            ["wt"] = "CONTRACT_PRICE",
            ["ot"] = order.Draft.Type,
            ["ps"] = order.Draft.PositionSide,
            ["cp"] = false,
            ["rp"] = WireValue.Number(fill is null ? 0 : order.ProfitOf(fill)),
            ["pP"] = false,
            ["V"] = "EXPIRE_MAKER",
            ["pm"] = "NONE",
            ["gtd"] = 0,
        },
    };

    /// <summary>The state of a conditional order.</summary>
    public static JsonObject Of(AlgoOrder order, Moment moment) => new()
    {
        ["e"] = "ALGO_UPDATE",
        ["T"] = moment.Milliseconds,
        ["E"] = moment.Milliseconds,
        ["o"] = new JsonObject
        {
            ["caid"] = order.ClientAlgoId,
            ["aid"] = order.Id,
            ["at"] = "CONDITIONAL",
            ["o"] = order.Type,
            ["s"] = order.Instrument.Name,
            ["S"] = order.Side,
            ["ps"] = order.PositionSide,
            ["f"] = "GTC",
            ["q"] = WireValue.Number(order.Quantity),
            ["X"] = order.Status,
            ["ai"] = order.OrderId?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "",
            ["tp"] = WireValue.Number(order.TriggerPrice),
            ["p"] = WireValue.Number(order.Price),
            ["V"] = "EXPIRE_MAKER",
            ["wt"] = "CONTRACT_PRICE",
            ["pm"] = "NONE",
            ["cp"] = order.ClosesPosition,
            ["pP"] = false,
            ["R"] = order.ReduceOnly,
            ["tt"] = 0,
            ["gtd"] = 0,
        },
    };

    /// <summary>The last there is on a stream whose key was not extended.</summary>
    public static JsonObject Expired(string listenKey, Moment moment) => new() { ["e"] = "listenKeyExpired", ["E"] = moment.Milliseconds, ["listenKey"] = listenKey };
}
