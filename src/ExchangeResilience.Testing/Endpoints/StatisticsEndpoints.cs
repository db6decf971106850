using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>
/// What the exchange reports of its traders over time. Open interest is what the accounts held; the crowd leans where the price went in the last hour, its better part more so; and
/// takers buy and sell alike, as the candles say.
/// </summary>
internal static class StatisticsEndpoints
{
    private const string Perpetual = "PERPETUAL";
    private static readonly TimeSpan Told = TimeSpan.FromDays(30);
    private static readonly string[] Periods = ["5m", "15m", "30m", "1h", "2h", "4h", "6h", "12h", "1d"];
    private static readonly string[] Contracts = ["CURRENT_QUARTER", "NEXT_QUARTER", Perpetual];

    public static Refusal? Check(Call call) =>
        call.CheckSymbol()
        ?? (call.Parameters.Has("pair") && call.Engine.Find(call.Parameters["pair"]) is null ? Refusal.BadSymbol : null)
        ?? (!Periods.Contains(call.Parameters["period"], StringComparer.Ordinal) ? Refusal.BadData("period") : null)
        ?? (call.Parameters.Has("contractType") && !Contracts.Contains(call.Parameters["contractType"], StringComparer.Ordinal) ? Refusal.BadData("contractType") : null)
        ?? (call.Parameters.Integer("startTime") is { } start && start < WireValue.Time(call.Moment.Now - Told) ? Refusal.BadData("startTime") : null);

    public static Answer OpenInterest(Call call) => Rows(call, (instrument, time) =>
    {
        var held = HeldPositions.At(call.Engine, instrument, time);
        return new JsonObject
        {
            ["symbol"] = instrument.Name,
            ["sumOpenInterest"] = WireValue.Number(held),
            ["sumOpenInterestValue"] = WireValue.Number(held * instrument.Path.At(time)),
        };
    });

    public static Answer AllAccounts(Call call) => Rows(call, static (instrument, time) => Lean(instrument, time, Crowd.All));

    public static Answer TopAccounts(Call call) => Rows(call, static (instrument, time) => Lean(instrument, time, Crowd.TopAccounts));

    public static Answer TopPositions(Call call) => Rows(call, static (instrument, time) => Lean(instrument, time, Crowd.TopPositions));

    public static Answer Takers(Call call)
    {
        var interval = CandleInterval.Find(call.Parameters["period"])!;
        return Rows(call, (instrument, time) =>
        {
            var end = interval.Step(time, 1);
            var half = TradeTape.Count(time, end <= call.Moment.Now ? end : call.Moment.Now.AddMilliseconds(1)) * TradeTape.Quantity(instrument) / 2;
            return new JsonObject { ["buySellRatio"] = "1", ["buyVol"] = WireValue.Number(half), ["sellVol"] = WireValue.Number(half) };
        });
    }

    /// <summary>Contract and index are at one price, so that there is no basis; contracts that are delivered there are none.</summary>
    public static Answer Basis(Call call) => string.Equals(call.Parameters["contractType"], Perpetual, StringComparison.Ordinal)
        ? Rows(call, static (instrument, time) =>
        {
            var price = WireValue.Number(instrument.Path.At(time));
            return new JsonObject
            {
                ["pair"] = instrument.Name,
                ["contractType"] = Perpetual,
                ["indexPrice"] = price,
                ["futuresPrice"] = price,
                ["basis"] = "0",
                ["basisRate"] = "0",
                ["annualizedBasisRate"] = "",
            };
        })
        : new JsonArray();

    private static Answer Rows(Call call, Func<Instrument, DateTimeOffset, JsonObject> write)
    {
        var instrument = call.Engine.Find(call.Parameters["symbol"] ?? call.Parameters["pair"])!;
        var interval = CandleInterval.Find(call.Parameters["period"])!;
        var limit = (int)Math.Min(500, call.Parameters.Integer("limit") ?? 30);
        var oldest = call.Moment.Now - Told;
        return new JsonArray([.. MarketDataEndpoints.Times(call, instrument, limit, interval.StartOf, interval.Step).Where(time => time >= oldest).Select(time =>
        {
            var row = write(instrument, time);
            row["timestamp"] = WireValue.Time(time);
            return (JsonNode)row;
        })]);
    }

    private static JsonObject Lean(Instrument instrument, DateTimeOffset time, decimal strength)
    {
        var longs = Crowd.LongsAt(instrument, time, strength);
        return new JsonObject
        {
            ["symbol"] = instrument.Name,
            ["longShortRatio"] = WireValue.Number(Math.Round(longs / (1 - longs), 4)),
            ["longAccount"] = WireValue.Number(longs),
            ["shortAccount"] = WireValue.Number(1 - longs),
        };
    }
}
