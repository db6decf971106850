using System.Globalization;
using System.Text.Json;

namespace ExchangeResilience.Testing.Tests.Exchange;

/// <summary>Market data are made up, and agree with the price and with each other.</summary>
public sealed class MarketDataTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 10, 20, 30, TimeSpan.Zero);

    private readonly ManualTimeProvider _time = new(Start);
    private readonly SimulatedExchange _exchange;
    private readonly Trader _trader;

    public MarketDataTests()
    {
        _exchange = new SimulatedExchange(time: _time);
        _trader = new Trader(_exchange, _time);
    }

    public void Dispose() => _trader.Dispose();

    [Theory]
    [InlineData("1m", 60, "1h")]
    [InlineData("5m", 12, "1h")]
    [InlineData("1h", 24, "1d")]
    [InlineData("8h", 21, "1w")]
    public async Task Short_candles_add_up_to_long_ones(string less, int count, string more)
    {
        var whole = (await CandlesAsync(more, $"&limit=2&endTime={Milliseconds(Start)}"))[0];
        var parts = await CandlesAsync(less, $"&limit={count}&startTime={whole.Start}");

        parts.Count.ShouldBe(count);
        parts[0].Open.ShouldBe(whole.Open);
        parts.Max(static part => part.High).ShouldBe(whole.High);
        parts.Min(static part => part.Low).ShouldBe(whole.Low);
        parts[^1].Close.ShouldBe(whole.Close);
        parts.Sum(static part => part.Volume).ShouldBe(whole.Volume);
        parts.Sum(static part => part.Count).ShouldBe(whole.Count);
        whole.High.ShouldBeGreaterThan(whole.Low);
    }

    [Fact]
    public async Task Candles_lie_side_by_side_up_to_the_one_that_is_not_over()
    {
        var candles = await CandlesAsync("15m", "&limit=100");

        candles.Count.ShouldBe(100);
        candles.Zip(candles.Skip(1), static (one, next) => next.Start - one.Start).ShouldAllBe(static gap => gap == 900_000);
        candles[^1].Start.ShouldBe(Milliseconds(new DateTimeOffset(2026, 3, 4, 10, 15, 0, TimeSpan.Zero)));
        candles[^1].Close.ShouldBe(50_000m);
        candles[^1].Count.ShouldBe(6, "one trade for each minute that has begun");
    }

    [Fact]
    public async Task A_month_begins_on_its_first_day_and_a_week_on_its_Monday()
    {
        (await CandlesAsync("1M", "&limit=2")).Select(static candle => candle.Start).ShouldBe([Milliseconds(new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero)), Milliseconds(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero))]);
        (await CandlesAsync("1w", "&limit=1"))[0].Start.ShouldBe(Milliseconds(new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero)));
    }

    [Fact]
    public async Task A_price_that_is_set_shows_in_everything()
    {
        _time.Advance(TimeSpan.FromMinutes(5));
        _exchange.SetPrice("BTCUSDT", 51_000m);
        _time.Advance(TimeSpan.FromMinutes(1));
        _exchange.SetPrice("BTCUSDT", 50_500m);

        var day = (await AskAsync("/fapi/v1/ticker/24hr", "symbol=BTCUSDT")).Json;
        var book = (await AskAsync("/fapi/v1/ticker/bookTicker", "symbol=BTCUSDT")).Json;
        var depth = (await AskAsync("/fapi/v1/depth", "symbol=BTCUSDT&limit=5")).Json;
        var candle = (await CandlesAsync("15m", "&limit=1"))[0];

        Number(day, "lastPrice").ShouldBe(50_500m);
        Number(day, "highPrice").ShouldBe(51_000m);
        Number(day, "volume").ShouldBe(1440 * 0.1m);
        day.GetProperty("count").GetInt32().ShouldBe(1440);
        (Number(book, "bidPrice"), Number(book, "askPrice")).ShouldBe((50_499.9m, 50_500.1m));
        depth.GetProperty("bids")[0][0].GetString().ShouldBe(book.GetProperty("bidPrice").GetString());
        depth.GetProperty("asks")[0][1].GetString().ShouldBe(book.GetProperty("askQty").GetString());
        (candle.High, candle.Close).ShouldBe((51_000m, 50_500m));
        (await CandlesAsync("15m", "&limit=1", "markPriceKlines"))[0].ShouldBe(candle with { Volume = 0, Count = 0 });
        (await CandlesAsync("15m", "&limit=1", "premiumIndexKlines"))[0].Close.ShouldBe(0);
    }

    [Fact]
    public async Task A_resting_order_stands_in_the_book()
    {
        var before = await BestBidAsync();
        await _trader.PlaceLimitAsync("rests", price: "49999.9", quantity: "2");

        (await BestBidAsync()).ShouldBe((before.Price, before.Quantity + 2));

        await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=rests");
        (await BestBidAsync()).ShouldBe(before);
    }

    [Fact]
    public async Task Trades_run_from_minute_to_minute_and_can_be_leafed_through()
    {
        var newest = Ids(await AskAsync("/fapi/v1/trades", "symbol=ETHUSDT&limit=3"), "id");
        newest.Zip(newest.Skip(1), static (one, next) => next - one).ShouldAllBe(static step => step == 1);

        Ids(await AskAsync("/fapi/v1/historicalTrades", $"symbol=ETHUSDT&limit=2&fromId={newest[0]}"), "id").ShouldBe(newest.Take(2));
        Ids(await AskAsync("/fapi/v1/aggTrades", $"symbol=ETHUSDT&startTime={Milliseconds(Start.AddMinutes(-2))}"), "a").ShouldBe(newest.Skip(1));
        var last = (await AskAsync("/fapi/v1/trades", "symbol=ETHUSDT&limit=1")).Json[0];
        last.GetProperty("time").GetInt64().ShouldBe(Milliseconds(new DateTimeOffset(2026, 3, 4, 10, 20, 0, TimeSpan.Zero)));
    }

    [Fact]
    public async Task Every_exchange_has_the_same_past_and_none_before_its_listing()
    {
        using var other = new Trader(new SimulatedExchange(time: new ManualTimeProvider(Start)), _time);
        const string query = "symbol=BTCUSDT&interval=1h&limit=30";

        (await other.GetAsync("/fapi/v1/klines", query)).Body.ShouldBe((await _trader.GetAsync("/fapi/v1/klines", query)).Body);
        (await CandlesAsync("1d", "&limit=3&startTime=0"))[0].Start.ShouldBe(Milliseconds(new DateTimeOffset(2024, 3, 4, 0, 0, 0, TimeSpan.Zero)));
        (await CandlesAsync("1d", "&limit=3&endTime=0")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("/fapi/v1/depth", "symbol=BTCUSDT&limit=7", -4021)]
    [InlineData("/fapi/v1/depth", "limit=5", -1102)]
    [InlineData("/fapi/v1/depth", "symbol=NOPE", -1121)]
    [InlineData("/fapi/v1/klines", "symbol=BTCUSDT", -1102)]
    [InlineData("/fapi/v1/klines", "symbol=BTCUSDT&interval=7m", -1120)]
    [InlineData("/fapi/v1/indexPriceKlines", "pair=NOPE&interval=1m", -1121)]
    [InlineData("/fapi/v1/trades", "symbol=BTCUSDT&limit=many", -1100)]
    public async Task What_cannot_be_is_refused(string path, string query, int code) => (await _trader.GetAsync(path, query)).ShouldBeRefused(code);

    [Theory]
    [InlineData("/fapi/v1/depth", "symbol=BTCUSDT&limit=5", 2)]
    [InlineData("/fapi/v1/depth", "symbol=BTCUSDT&limit=1000", 20)]
    [InlineData("/fapi/v1/klines", "symbol=BTCUSDT&interval=1m&limit=99", 1)]
    [InlineData("/fapi/v1/klines", "symbol=BTCUSDT&interval=1m&limit=1500", 10)]
    [InlineData("/fapi/v1/ticker/24hr", "symbol=BTCUSDT", 1)]
    [InlineData("/fapi/v1/ticker/24hr", "", 40)]
    public async Task Much_costs_more(string path, string query, int weight) =>
        (await AskAsync(path, query)).Headers["x-mbx-used-weight-1m"].ShouldBe(weight.ToString(CultureInfo.InvariantCulture));

    [Fact]
    public async Task Funding_comes_every_eight_hours_and_open_interest_is_what_accounts_hold()
    {
        var rates = (await AskAsync("/fapi/v1/fundingRate", "symbol=BTCUSDT&limit=2")).Json;
        rates.EnumerateArray().Select(static rate => rate.GetProperty("fundingTime").GetInt64() % 28_800_000).ShouldBe([0, 0]);

        await _trader.PlaceMarketAsync("a", quantity: "0.5");
        Number((await AskAsync("/fapi/v1/openInterest", "symbol=BTCUSDT")).Json, "openInterest").ShouldBe(0.5m);
    }

    private static long Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds();

    private static decimal Number(JsonElement element, string name) => decimal.Parse(element.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static List<long> Ids(Reply reply, string name) => [.. reply.Json.EnumerateArray().Select(trade => trade.GetProperty(name).GetInt64())];

    private async Task<Reply> AskAsync(string path, string query)
    {
        var reply = await _trader.GetAsync(path, query);
        reply.ShouldBeOk();
        return reply;
    }

    private async Task<(decimal Price, decimal Quantity)> BestBidAsync()
    {
        var best = (await AskAsync("/fapi/v1/depth", "symbol=BTCUSDT&limit=5")).Json.GetProperty("bids")[0];
        return (decimal.Parse(best[0].GetString()!, CultureInfo.InvariantCulture), decimal.Parse(best[1].GetString()!, CultureInfo.InvariantCulture));
    }

    private async Task<List<Kline>> CandlesAsync(string interval, string more, string path = "klines") =>
        [.. (await AskAsync($"/fapi/v1/{path}", $"symbol=BTCUSDT&interval={interval}{more}")).Json.EnumerateArray().Select(Kline.Of)];

    private sealed record Kline(long Start, decimal Open, decimal High, decimal Low, decimal Close, decimal Volume, int Count)
    {
        public static Kline Of(JsonElement item)
        {
            item.GetArrayLength().ShouldBe(12);
            return new Kline(item[0].GetInt64(), At(1), At(2), At(3), At(4), At(5), item[8].GetInt32());

            decimal At(int index) => decimal.Parse(item[index].GetString()!, CultureInfo.InvariantCulture);
        }
    }
}
