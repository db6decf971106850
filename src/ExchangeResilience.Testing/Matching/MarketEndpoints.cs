using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>What anybody may ask.</summary>
internal static class MarketEndpoints
{
    public static Answer Ping(Call call) => new JsonObject();

    public static Answer Time(Call call) => new JsonObject { ["serverTime"] = call.Moment.Milliseconds };

    public static Answer ExchangeInfo(Call call)
    {
        var options = call.Engine.Options;
        return new JsonObject
        {
            ["timezone"] = "UTC",
            ["serverTime"] = call.Moment.Milliseconds,
            ["futuresType"] = "U_MARGINED",
            ["rateLimits"] = new JsonArray(Limit("REQUEST_WEIGHT", "MINUTE", 1, options.WeightPerMinute), OrdersMinute(options), Orders10Seconds(options)),
            ["exchangeFilters"] = new JsonArray(),
            ["assets"] = new JsonArray(new JsonObject { ["asset"] = "USDT", ["marginAvailable"] = true, ["autoAssetExchange"] = "-10000" }),
            ["symbols"] = new JsonArray([.. call.Engine.Instruments.Select(Describe)]),
        };
    }

    public static Answer OrderLimits(Call call) => new JsonArray(Orders10Seconds(call.Engine.Options), OrdersMinute(call.Engine.Options));

    public static Answer Price(Call call) => One(call, instrument => new JsonObject
    {
        ["symbol"] = instrument.Name,
        ["price"] = OrderBodies.Text(instrument.Price),
        ["time"] = call.Moment.Milliseconds,
    });

    public static Answer PremiumIndex(Call call) => One(call, instrument => new JsonObject
    {
        ["symbol"] = instrument.Name,
        ["markPrice"] = OrderBodies.Text(instrument.Price),
        ["indexPrice"] = OrderBodies.Text(instrument.Price),
        ["estimatedSettlePrice"] = OrderBodies.Text(instrument.Price),
        ["lastFundingRate"] = "0.00010000",
        ["interestRate"] = "0.00010000",
        ["nextFundingTime"] = (call.Moment.Milliseconds / 28_800_000 * 28_800_000) + 28_800_000,
        ["time"] = call.Moment.Milliseconds,
    });

    private static Answer One(Call call, Func<Instrument, JsonObject> describe) =>
        call.Parameters.Has("symbol")
            ? call.Engine.Find(call.Parameters["symbol"]) is { } instrument ? describe(instrument) : Refusal.BadSymbol
            : new JsonArray([.. call.Engine.Instruments.Select(describe)]);

    private static JsonObject Orders10Seconds(SimulatedExchangeOptions options) => Limit("ORDERS", "SECOND", 10, options.OrdersPer10Seconds);

    private static JsonObject OrdersMinute(SimulatedExchangeOptions options) => Limit("ORDERS", "MINUTE", 1, options.OrdersPerMinute);

    private static JsonObject Limit(string type, string interval, int number, int limit) => new()
    {
        ["rateLimitType"] = type,
        ["interval"] = interval,
        ["intervalNum"] = number,
        ["limit"] = limit,
    };

    private static JsonObject Describe(Instrument instrument)
    {
        var rules = instrument.Definition;
        return new JsonObject
        {
            ["symbol"] = instrument.Name,
            ["pair"] = instrument.Name,
            ["contractType"] = "PERPETUAL",
            ["status"] = rules.IsTrading ? "TRADING" : "SETTLING",
            ["baseAsset"] = instrument.Name.EndsWith("USDT", StringComparison.Ordinal) ? instrument.Name[..^4] : instrument.Name,
            ["quoteAsset"] = "USDT",
            ["marginAsset"] = "USDT",
            ["filters"] = new JsonArray(
                new JsonObject
                {
                    ["filterType"] = "PRICE_FILTER",
                    ["minPrice"] = OrderBodies.Text(rules.MinPrice),
                    ["maxPrice"] = OrderBodies.Text(rules.MaxPrice),
                    ["tickSize"] = OrderBodies.Text(rules.TickSize),
                },
                Quantities("LOT_SIZE", rules),
                Quantities("MARKET_LOT_SIZE", rules),
                new JsonObject { ["filterType"] = "MIN_NOTIONAL", ["notional"] = OrderBodies.Text(rules.MinNotional) }),
            ["orderTypes"] = new JsonArray("LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"),
            ["timeInForce"] = new JsonArray("GTC", "IOC", "FOK", "GTX"),
        };
    }

    private static JsonObject Quantities(string type, SimulatedSymbol rules) => new()
    {
        ["filterType"] = type,
        ["minQty"] = OrderBodies.Text(rules.MinQuantity),
        ["maxQty"] = OrderBodies.Text(rules.MaxQuantity),
        ["stepSize"] = OrderBodies.Text(rules.StepSize),
    };
}
