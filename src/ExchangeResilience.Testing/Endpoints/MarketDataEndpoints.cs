using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>Tickers, book, trades and candles. All of it is made up, and all of it agrees with the price the contract is at.</summary>
internal static class MarketDataEndpoints
{
    private const decimal FundingRate = 0.0001m;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan FundingInterval = TimeSpan.FromHours(8);
    private static readonly int[] Depths = [5, 10, 20, 50, 100, 500, 1000];

    public static Answer Day24Hours(Call call) => MarketEndpoints.One(call, instrument =>
    {
        var (now, from) = (call.Moment.Now, call.Moment.Now - Day);
        var candle = instrument.Path.Between(from, now);
        var (count, quantity) = (TradeTape.Count(from, now), TradeTape.Quantity(instrument));
        return new JsonObject
        {
            ["symbol"] = instrument.Name,
            ["priceChange"] = WireValue.Number(candle.Close - candle.Open),
            ["priceChangePercent"] = WireValue.Number(Math.Round((candle.Close - candle.Open) / candle.Open * 100, 3)),
            ["weightedAvgPrice"] = WireValue.Number(candle.Middle),
            ["lastPrice"] = WireValue.Number(instrument.Price),
            ["lastQty"] = WireValue.Number(quantity),
            ["openPrice"] = WireValue.Number(candle.Open),
            ["highPrice"] = WireValue.Number(candle.High),
            ["lowPrice"] = WireValue.Number(candle.Low),
            ["volume"] = WireValue.Number(count * quantity),
            ["quoteVolume"] = WireValue.Number(count * quantity * candle.Middle),
            ["openTime"] = WireValue.Time(from),
            ["closeTime"] = WireValue.Time(now),
            ["firstId"] = TradeTape.First(from),
            ["lastId"] = TradeTape.First(now) - 1,
            ["count"] = count,
        };
    });

    public static Answer BookTicker(Call call) => MarketEndpoints.One(call, instrument =>
    {
        var (bid, ask) = (OrderBook.Side(call.Engine, instrument, bids: true, 1)[0], OrderBook.Side(call.Engine, instrument, bids: false, 1)[0]);
        return new JsonObject
        {
            ["symbol"] = instrument.Name,
            ["bidPrice"] = WireValue.Number(bid.Price),
            ["bidQty"] = WireValue.Number(bid.Quantity),
            ["askPrice"] = WireValue.Number(ask.Price),
            ["askQty"] = WireValue.Number(ask.Quantity),
            ["lastUpdateId"] = call.Moment.Milliseconds,
            ["time"] = call.Moment.Milliseconds,
        };
    });

    public static Refusal? CheckDepth(Call call) =>
        call.CheckSymbol() ?? (call.Parameters.Has("limit") && !Depths.Contains((int)LimitOf(call.Parameters, 0)) ? Refusal.BadDepth(call.Parameters["limit"]) : null);

    public static Answer Depth(Call call)
    {
        var instrument = InstrumentOf(call);
        var levels = (int)LimitOf(call.Parameters, 500);
        return new JsonObject
        {
            ["lastUpdateId"] = call.Moment.Milliseconds,
            ["E"] = call.Moment.Milliseconds,
            ["T"] = call.Moment.Milliseconds,
            ["bids"] = Side(bids: true),
            ["asks"] = Side(bids: false),
        };

        JsonArray Side(bool bids) => new(
            [.. OrderBook.Side(call.Engine, instrument, bids, levels).Select(static level => (JsonNode)new JsonArray(WireValue.Number(level.Price), WireValue.Number(level.Quantity)))]);
    }

    public static int WeightOfDepth(Parameters parameters) => LimitOf(parameters, 500) switch { <= 50 => 2, <= 100 => 5, <= 500 => 10, _ => 20 };

    public static Answer Trades(Call call) => Tape(call, TradeTape.Trade);

    public static Answer AggregateTrades(Call call) => Tape(call, TradeTape.Aggregate);

    public static Refusal? CheckCandles(Call call) =>
        call.CheckSymbol()
        ?? (call.Parameters.Has("pair") && call.Engine.Find(call.Parameters["pair"]) is null ? Refusal.BadSymbol : null)
        ?? (CandleInterval.Find(call.Parameters["interval"]) is null ? Refusal.BadInterval : null);

    public static int WeightOfCandles(Parameters parameters) => LimitOf(parameters, 500) switch { < 100 => 1, < 500 => 2, <= 1000 => 5, _ => 10 };

    public static Answer Candles(Call call) => Candles(call, static (instrument, from, to) => (instrument.Path.Between(from, to), TradeTape.Quantity(instrument)));

    /// <summary>Mark and index prices are the market's, and nothing trades at them.</summary>
    public static Answer CandlesOfPrice(Call call) => Candles(call, static (instrument, from, to) => (instrument.Path.Between(from, to), 0));

    /// <summary>Mark and index are the same, so that there is no premium.</summary>
    public static Answer CandlesOfPremium(Call call) => Candles(call, static (_, _, _) => (default, 0));

    public static Answer FundingRates(Call call)
    {
        var limit = (int)Math.Min(1000, LimitOf(call.Parameters, 100));
        var instruments = call.Parameters.Has("symbol") ? [InstrumentOf(call)] : call.Engine.Instruments;
        return new JsonArray([.. instruments.SelectMany(instrument => Times(call, instrument, limit, StartOf, static (start, count) => start + (FundingInterval * count)).Select(time => new JsonObject
        {
            ["symbol"] = instrument.Name,
            ["fundingRate"] = WireValue.Number(FundingRate),
            ["fundingTime"] = WireValue.Time(time),
            ["markPrice"] = WireValue.Number(instrument.Path.At(time)),
        }))]);

        static DateTimeOffset StartOf(DateTimeOffset time) => time - TimeSpan.FromTicks(time.UtcTicks % FundingInterval.Ticks);
    }

    public static Answer FundingInfo(Call call) => new JsonArray([.. call.Engine.Instruments.Select(static instrument => new JsonObject
    {
        ["symbol"] = instrument.Name,
        ["adjustedFundingRateCap"] = "0.02000000",
        ["adjustedFundingRateFloor"] = "-0.02000000",
        ["fundingIntervalHours"] = (int)FundingInterval.TotalHours,
        ["disclaimer"] = false,
    })]);

    public static Answer OpenInterest(Call call) => new JsonObject
    {
        ["symbol"] = call.Parameters["symbol"],
        ["openInterest"] = WireValue.Number(HeldPositions.At(call.Engine, InstrumentOf(call), call.Moment.Now)),
        ["time"] = call.Moment.Milliseconds,
    };

    /// <summary>The candles requested: the first where a start was given, else the last.</summary>
    private static Answer Candles(Call call, Func<Instrument, DateTimeOffset, DateTimeOffset, (Candle Candle, decimal Traded)> look)
    {
        var instrument = call.Engine.Find(call.Parameters["symbol"] ?? call.Parameters["pair"])!;
        var interval = CandleInterval.Find(call.Parameters["interval"])!;
        var limit = (int)Math.Min(1500, LimitOf(call.Parameters, 500));
        return new JsonArray([.. Times(call, instrument, limit, interval.StartOf, interval.Step).Select(start =>
        {
            var end = interval.Step(start, 1);
            var seen = end <= call.Moment.Now ? end.AddMilliseconds(-1) : call.Moment.Now;
            var (candle, traded) = look(instrument, start, seen);
            var count = traded == 0 ? 0 : TradeTape.Count(start, seen.AddMilliseconds(1));
            var volume = count * traded;
            return (JsonNode)new JsonArray(
                WireValue.Time(start),
                WireValue.Number(candle.Open),
                WireValue.Number(candle.High),
                WireValue.Number(candle.Low),
                WireValue.Number(candle.Close),
                WireValue.Number(volume),
                WireValue.Time(end) - 1,
                WireValue.Number(volume * candle.Middle),
                count,
                WireValue.Number(volume / 2),
                WireValue.Number(volume * candle.Middle / 2),
                "0");
        })]);
    }

    /// <summary>When the requested spans begin: the first where a start was given, else the last.</summary>
    public static IEnumerable<DateTimeOffset> Times(Call call, Instrument instrument, int limit, Func<DateTimeOffset, DateTimeOffset> startOf, Func<DateTimeOffset, int, DateTimeOffset> step)
    {
        var end = Earlier(TimeOf(call, "endTime") ?? call.Moment.Now, call.Moment.Now);
        if (TimeOf(call, "startTime") is not { } start)
        {
            start = step(startOf(end), 1 - limit);
        }

        start = start < instrument.Listed ? instrument.Listed : start;
        var first = startOf(start);
        first = first < start ? step(first, 1) : first;
        return Enumerable.Range(0, limit).Select(count => step(first, count)).TakeWhile(time => time <= end);
    }

    private static Answer Tape(Call call, Func<Instrument, long, JsonObject> write)
    {
        var instrument = InstrumentOf(call);
        var limit = Math.Min(1000, LimitOf(call.Parameters, 500));
        var last = TradeTape.First(Earlier(TimeOf(call, "endTime") ?? call.Moment.Now, call.Moment.Now).AddMilliseconds(1)) - 1;
        var oldest = TradeTape.First(instrument.Listed);
        var first = Math.Max(oldest, call.Parameters.Integer("fromId") ?? (TimeOf(call, "startTime") is { } start ? TradeTape.First(start) : last - limit + 1));
        return new JsonArray([.. Enumerable.Range(0, (int)Math.Clamp(last - first + 1, 0, limit)).Select(offset => write(instrument, first + offset))]);
    }

    private static Instrument InstrumentOf(Call call) => call.Engine.Find(call.Parameters["symbol"])!;

    private static long LimitOf(Parameters parameters, int usual) => parameters.Integer("limit") ?? usual;

    private static DateTimeOffset? TimeOf(Call call, string name) =>
        call.Parameters.Integer(name) is { } milliseconds ? DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(milliseconds, DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())) : null;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
