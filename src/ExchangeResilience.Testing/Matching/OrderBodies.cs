using System.Globalization;
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
        body["cumQty"] = Text(shown ? order.Executed : 0);
        body["updateTime"] = Milliseconds(shown ? order.Updated : order.Placed.Now);
        return body;
    }

    /// <summary>The reply to a query.</summary>
    public static JsonObject ToQuery(this Order order, Moment moment)
    {
        var seen = order.Seen(moment);
        var body = Common(order, seen, seen.Status, seen.Executed);
        body["avgPrice"] = Text(seen.AveragePrice);
        body["cumQuote"] = Text(seen.Quote);
        body["time"] = Milliseconds(order.Placed.Now);
        body["updateTime"] = Milliseconds(seen.Updated);
        return body;
    }

    public static JsonObject ToTrade(this Order order, SimulatedExecution execution) => new()
    {
        ["symbol"] = order.Draft.Instrument.Name,
        ["id"] = execution.TradeId,
        ["orderId"] = order.Id,
        ["side"] = order.Draft.Side,
        ["price"] = Text(execution.Price),
        ["qty"] = Text(execution.Quantity),
        ["quoteQty"] = Text(execution.Price * execution.Quantity),
        ["realizedPnl"] = "0",
        ["commission"] = "0",
        ["commissionAsset"] = "USDT",
        ["time"] = Milliseconds(execution.Time),
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
        ["time"] = Milliseconds(amendment.Time),
        ["amendment"] = new JsonObject
        {
            ["price"] = new JsonObject { ["before"] = Text(amendment.PriceBefore), ["after"] = Text(amendment.PriceAfter) },
            ["origQty"] = new JsonObject { ["before"] = Text(amendment.QuantityBefore), ["after"] = Text(amendment.QuantityAfter) },
            ["count"] = count,
        },
        ["priceMatch"] = "NONE",
    };

    public static string Text(decimal value) => value.ToString(CultureInfo.InvariantCulture);

    public static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static JsonObject Common(Order order, OrderState state, string status, decimal executed) => new()
    {
        ["orderId"] = order.Id,
        ["symbol"] = order.Draft.Instrument.Name,
        ["status"] = status,
        ["clientOrderId"] = order.Draft.ClientOrderId,
        ["price"] = Text(state.Price),
        ["origQty"] = Text(state.Quantity),
        ["executedQty"] = Text(executed),
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
