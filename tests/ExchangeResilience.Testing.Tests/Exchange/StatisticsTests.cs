using System.Globalization;
using System.Text.Json;

namespace ExchangeResilience.Testing.Tests.Exchange;

/// <summary>What is told of traders is made up, and agrees with the price, the candles, the accounts and itself.</summary>
public sealed class StatisticsTests : IDisposable
{
    private static readonly DateTimeOffset Start = new(2026, 3, 4, 10, 20, 30, TimeSpan.Zero);

    private readonly ManualTimeProvider _time = new(Start);
    private readonly SimulatedExchange _exchange;
    private readonly Trader _trader;

    public StatisticsTests()
    {
        _exchange = new SimulatedExchange(time: _time);
        _trader = new Trader(_exchange, _time);
    }

    public void Dispose() => _trader.Dispose();

    [Fact]
    public async Task Open_interest_is_what_the_accounts_held_then()
    {
        await _trader.PlaceMarketAsync("a", quantity: "0.5");
        _time.Advance(TimeSpan.FromMinutes(10));
        await _trader.PlaceMarketAsync("b", quantity: "0.25");
        _time.Advance(TimeSpan.FromMinutes(5));
        _exchange.SetPrice("BTCUSDT", 51_000m);

        var rows = await RowsAsync("openInterestHist", "symbol=BTCUSDT&period=5m&limit=4");

        rows.Select(static row => Number(row, "sumOpenInterest")).ShouldBe([0m, 0.5m, 0.5m, 0.75m]);
        rows.Select(static row => Number(row, "sumOpenInterestValue")).ShouldBe([0m, 25_000m, 25_000m, 37_500m]);
        rows[^1].GetProperty("timestamp").GetInt64().ShouldBe(Start.AddSeconds(-30).AddMinutes(15).ToUnixTimeMilliseconds());
        _time.Advance(TimeSpan.FromMinutes(5));
        Number((await RowsAsync("openInterestHist", "symbol=BTCUSDT&period=5m&limit=1"))[0], "sumOpenInterest")
            .ShouldBe(Number((await _trader.GetAsync("/fapi/v1/openInterest", "symbol=BTCUSDT")).Json, "openInterest"));
    }

    [Theory]
    [InlineData("globalLongShortAccountRatio")]
    [InlineData("topLongShortAccountRatio")]
    [InlineData("topLongShortPositionRatio")]
    public async Task Longs_and_shorts_are_everybody_and_lean_where_the_price_went(string name)
    {
        var rows = await RowsAsync(name, "symbol=BTCUSDT&period=1h&limit=48");
        var closes = (await _trader.GetAsync("/fapi/v1/klines", "symbol=BTCUSDT&interval=1h&limit=48")).Json.EnumerateArray().Select(static candle => decimal.Parse(candle[1].GetString()!, CultureInfo.InvariantCulture)).ToList();

        rows.Count.ShouldBe(48);
        foreach (var row in rows)
        {
            var (longs, shorts) = (Number(row, "longAccount"), Number(row, "shortAccount"));
            (longs + shorts).ShouldBe(1);
            Number(row, "longShortRatio").ShouldBe(Math.Round(longs / shorts, 4));
        }

        for (var hour = 1; hour < closes.Count; hour++)
        {
            Math.Sign(Number(rows[hour], "longAccount") - 0.5m).ShouldBe(Math.Sign(closes[hour] - closes[hour - 1]));
        }
    }

    [Fact]
    public async Task Takers_traded_what_the_candles_say()
    {
        var rows = await RowsAsync("takerlongshortRatio", "symbol=BTCUSDT&period=15m&limit=3");
        var candles = (await _trader.GetAsync("/fapi/v1/klines", "symbol=BTCUSDT&interval=15m&limit=3")).Json.EnumerateArray().ToList();

        for (var index = 0; index < 3; index++)
        {
            rows[index].GetProperty("timestamp").GetInt64().ShouldBe(candles[index][0].GetInt64());
            Number(rows[index], "buyVol").ShouldBe(decimal.Parse(candles[index][9].GetString()!, CultureInfo.InvariantCulture));
            (Number(rows[index], "buyVol") + Number(rows[index], "sellVol")).ShouldBe(decimal.Parse(candles[index][5].GetString()!, CultureInfo.InvariantCulture));
            Number(rows[index], "buySellRatio").ShouldBe(1);
        }
    }

    [Fact]
    public async Task There_is_no_basis_since_contract_and_index_are_one_price()
    {
        _exchange.SetPrice("BTCUSDT", 51_000m);
        _time.Advance(TimeSpan.FromMinutes(5));

        var last = (await RowsAsync("basis", "pair=BTCUSDT&contractType=PERPETUAL&period=5m&limit=1"))[0];

        (Number(last, "futuresPrice"), Number(last, "indexPrice"), Number(last, "basis")).ShouldBe((51_000m, 51_000m, 0m));
        (await RowsAsync("basis", "pair=BTCUSDT&contractType=NEXT_QUARTER&period=5m")).ShouldBeEmpty();
    }

    [Fact]
    public async Task Thirty_days_are_told()
    {
        (await RowsAsync("globalLongShortAccountRatio", "symbol=BTCUSDT&period=1d&limit=500")).Count.ShouldBe(30);
        (await RowsAsync("globalLongShortAccountRatio", "symbol=BTCUSDT&period=1h")).Count.ShouldBe(30);
        (await RowsAsync("globalLongShortAccountRatio", $"symbol=BTCUSDT&period=1h&limit=2&startTime={Start.AddDays(-1).ToUnixTimeMilliseconds()}"))[0].GetProperty("timestamp").GetInt64()
            .ShouldBe(new DateTimeOffset(2026, 3, 3, 11, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds());
    }

    [Theory]
    [InlineData("openInterestHist", "symbol=BTCUSDT", -1102)]
    [InlineData("openInterestHist", "symbol=NOPE&period=5m", -1121)]
    [InlineData("openInterestHist", "symbol=BTCUSDT&period=1m", -1130)]
    [InlineData("takerlongshortRatio", "symbol=BTCUSDT&period=1h&startTime=0", -1130)]
    [InlineData("basis", "pair=BTCUSDT&period=5m", -1102)]
    [InlineData("basis", "pair=BTCUSDT&contractType=SWAP&period=5m", -1130)]
    public async Task What_cannot_be_is_refused(string name, string query, int code) => (await _trader.GetAsync($"/futures/data/{name}", query)).ShouldBeRefused(code);

    private static decimal Number(JsonElement element, string name) => decimal.Parse(element.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private async Task<IReadOnlyList<JsonElement>> RowsAsync(string name, string query)
    {
        var reply = await _trader.GetAsync($"/futures/data/{name}", query);
        reply.ShouldBeOk();
        return [.. reply.Json.EnumerateArray()];
    }
}
