using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>Orders as the exchange writes them.</summary>
internal static class OrderBodies
{
    /// <summary>The reply to a mutation. A plain acknowledgement shows the order as it was taken on, not yet filled; neither holds average price or turnover.</summary>
    public static JsonObject ToAcknowledgement(this Order order, bool isFinal = false)
    {
        var shown = isFinal || order.Draft.WantsResult;
        var body = Common(order, order.Present, shown ? order.Status : "NEW", shown ? order.Executed : 0);
        body["cumQty"] = WireValue.Number(shown ? order.Executed : 0);
        body["updateTime"] = WireValue.Time(shown ? order.Updated : order.Placed.Now);
        return body;
    }

    /// <summary>The reply to a query.</summary>
    public static JsonObject ToQuery(this Order order, Moment moment)
    {
        var seen = order.Seen(moment);
        var body = Common(order, seen, seen.Status, seen.Executed);
        body["avgPrice"] = WireValue.Number(seen.AveragePrice);
        body["cumQuote"] = WireValue.Number(seen.Quote);
        body["time"] = WireValue.Time(order.Placed.Now);
        body["updateTime"] = WireValue.Time(seen.Updated);
        return body;
    }

    public static JsonObject ToTrade(this Order order, SimulatedExecution execution) => new()
    {
        ["symbol"] = order.Draft.Instrument.Name,
        ["id"] = execution.TradeId,
        ["orderId"] = order.Id,
        ["side"] = order.Draft.Side,
        ["price"] = WireValue.Number(execution.Price),
        ["qty"] = WireValue.Number(execution.Quantity),
        ["quoteQty"] = WireValue.Number(execution.Price * execution.Quantity),
        ["realizedPnl"] = WireValue.Number(order.ProfitOf(execution)),
        ["commission"] = "0",
        ["commissionAsset"] = "USDT",
        ["time"] = WireValue.Time(execution.Time),
        ["positionSide"] = order.Draft.PositionSide,
        ["buyer"] = order.Draft.IsBuy,
        ["maker"] = false,
    };

    public static JsonObject ToAmendment(this Order order, Amendment amendment, int count) => new()
    {
        ["amendmentId"] = amendment.Id,
        ["symbol"] = order.Draft.Instrument.Name,
        ["pair"] = order.Draft.Instrument.Name,
        ["orderId"] = order.Id,
        ["clientOrderId"] = order.Draft.ClientOrderId,
        ["time"] = WireValue.Time(amendment.Time),
        ["amendment"] = new JsonObject
        {
            ["price"] = new JsonObject { ["before"] = WireValue.Number(amendment.PriceBefore), ["after"] = WireValue.Number(amendment.PriceAfter) },
            ["origQty"] = new JsonObject { ["before"] = WireValue.Number(amendment.QuantityBefore), ["after"] = WireValue.Number(amendment.QuantityAfter) },
            ["count"] = count,
        },
        ["priceMatch"] = "NONE",
    };

    private static JsonObject Common(Order order, OrderState state, string status, decimal executed) => new()
    {
        ["orderId"] = order.Id,
        ["symbol"] = order.Draft.Instrument.Name,
        ["status"] = status,
        ["clientOrderId"] = order.Draft.ClientOrderId,
        ["price"] = WireValue.Number(state.Price),
        ["origQty"] = WireValue.Number(state.Quantity),
        ["executedQty"] = WireValue.Number(executed),
        ["timeInForce"] = order.Draft.TimeInForce,
        ["type"] = order.Draft.Type,
        ["origType"] = order.Draft.Type,
        ["reduceOnly"] = order.Draft.ReduceOnly,
        ["closePosition"] = false,
        ["side"] = order.Draft.Side,
        ["positionSide"] = order.Draft.PositionSide,
        ["stopPrice"] = "0",
        ["workingType"] = "CONTRACT_PRICE",
        ["priceProtect"] = false,
        ["priceMatch"] = "NONE",
        ["selfTradePreventionMode"] = "EXPIRE_MAKER",
        ["goodTillDate"] = 0,
    };
}
