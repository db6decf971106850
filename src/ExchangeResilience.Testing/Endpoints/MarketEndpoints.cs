using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>The endpoints that need no key.</summary>
internal static class MarketEndpoints
{
    // The delivery date of contracts that are never delivered.
    private const long Never = 4_133_404_800_000;

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
        ["price"] = WireValue.Number(instrument.Price),
        ["time"] = call.Moment.Milliseconds,
    });

    public static Answer PremiumIndex(Call call) => One(call, instrument => new JsonObject
    {
        ["symbol"] = instrument.Name,
        ["markPrice"] = WireValue.Number(instrument.Price),
        ["indexPrice"] = WireValue.Number(instrument.Price),
        ["estimatedSettlePrice"] = WireValue.Number(instrument.Price),
        ["lastFundingRate"] = "0.00010000",
        ["interestRate"] = "0.00010000",
        ["nextFundingTime"] = (call.Moment.Milliseconds / 28_800_000 * 28_800_000) + 28_800_000,
        ["time"] = call.Moment.Milliseconds,
    });

    /// <summary>The contract of a request, or all of them.</summary>
    public static Answer One(Call call, Func<Instrument, JsonObject> describe) =>
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
            ["onboardDate"] = WireValue.Time(instrument.Listed),
            ["deliveryDate"] = Never,
            ["baseAsset"] = instrument.BaseAsset,
            ["quoteAsset"] = "USDT",
            ["marginAsset"] = "USDT",
            ["filters"] = new JsonArray(
                new JsonObject
                {
                    ["filterType"] = "PRICE_FILTER",
                    ["minPrice"] = WireValue.Number(rules.MinPrice),
                    ["maxPrice"] = WireValue.Number(rules.MaxPrice),
                    ["tickSize"] = WireValue.Number(rules.TickSize),
                },
                Quantities("LOT_SIZE", rules),
                Quantities("MARKET_LOT_SIZE", rules),
                new JsonObject { ["filterType"] = "MIN_NOTIONAL", ["notional"] = WireValue.Number(rules.MinNotional) }),
            ["orderTypes"] = new JsonArray("LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"),
            ["timeInForce"] = new JsonArray("GTC", "IOC", "FOK", "GTX"),
        };
    }

    private static JsonObject Quantities(string type, SimulatedSymbol rules) => new()
    {
        ["filterType"] = type,
        ["minQty"] = WireValue.Number(rules.MinQuantity),
        ["maxQty"] = WireValue.Number(rules.MaxQuantity),
        ["stepSize"] = WireValue.Number(rules.StepSize),
    };
}
