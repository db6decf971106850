using System.Globalization;

namespace ExchangeResilience.Testing.Tests.Exchange;

public sealed class AccountTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private readonly Trader _trader;

    public AccountTests()
    {
        _exchange = new SimulatedExchange(time: _time);
        _trader = new Trader(_exchange, _time);
    }

    public void Dispose() => _trader.Dispose();

    [Theory]
    [InlineData("/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED", -4046)]
    [InlineData("/fapi/v1/positionSide/dual", "dualSidePosition=true", -4059)]
    [InlineData("/fapi/v1/multiAssetsMargin", "multiAssetsMargin=true", -4171)]
    public async Task A_setting_made_twice_says_that_nothing_need_change(string path, string query, int again)
    {
        (await _trader.SignedAsync(HttpMethod.Post, path, query)).Body.ShouldBe("""{"code":200,"msg":"success"}""");
        (await _trader.SignedAsync(HttpMethod.Post, path, query)).ShouldBeRefused(again);
    }

    [Theory]
    [InlineData("/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED", -4047, -4048)]
    [InlineData("/fapi/v1/positionSide/dual", "dualSidePosition=true", -4067, -4068)]
    public async Task A_mode_does_not_change_under_orders_or_positions(string path, string query, int withOrders, int withPosition)
    {
        await _trader.PlaceLimitAsync("a-1");
        (await _trader.SignedAsync(HttpMethod.Post, path, query)).ShouldBeRefused(withOrders);
        await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/allOpenOrders", "symbol=BTCUSDT");
        await _trader.PlaceMarketAsync("a-2");

        (await _trader.SignedAsync(HttpMethod.Post, path, query)).ShouldBeRefused(withPosition);
    }

    [Fact]
    public async Task Leverage_is_absolute_and_shows_in_the_symbols_configuration()
    {
        for (var i = 0; i < 2; i++)
        {
            (await _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=21")).Json.GetProperty("leverage").GetInt32().ShouldBe(21);
        }

        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/symbolConfig", "symbol=BTCUSDT")).Json[0].GetProperty("leverage").GetInt32().ShouldBe(21);
        (await _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=126")).ShouldBeRefused(-4028);
    }

    [Fact]
    public async Task Position_margin_adds_each_time_and_keeps_a_history()
    {
        (await Add("10", "1")).ShouldBeRefused(-4049);
        await _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED");
        (await Add("10", "1")).ShouldBeRefused(-4054);
        await _trader.PlaceMarketAsync("a-1");

        (await Add("10", "1")).Code.ShouldBe(200);
        (await Add("10", "1")).Code.ShouldBe(200);
        (await Add("21", "2")).ShouldBeRefused(-4051);
        (await Add("5", "2")).Code.ShouldBe(200);
        (await Add("0", "1")).ShouldBeRefused(-4055);

        var history = (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/positionMargin/history", "symbol=BTCUSDT")).Json;
        string.Join(' ', history.EnumerateArray().Select(change => change.GetProperty("amount").GetString())).ShouldBe("10 10 5");
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/positionMargin/history", "symbol=BTCUSDT&type=2")).Json.GetArrayLength().ShouldBe(1);

        _exchange.Options.QueryLag = TimeSpan.FromSeconds(3);
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/positionMargin/history", "symbol=BTCUSDT")).Json.GetArrayLength().ShouldBe(0);
        _time.Advance(TimeSpan.FromSeconds(3));
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/positionMargin/history", "symbol=BTCUSDT")).Json.GetArrayLength().ShouldBe(3);

        Task<Reply> Add(string amount, string type) => _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/positionMargin", $"symbol=BTCUSDT&amount={amount}&type={type}");
    }

    [Fact]
    public async Task A_listen_key_needs_no_signature_and_lives_for_an_hour()
    {
        (await Send(HttpMethod.Put)).ShouldBeRefused(-1125);
        var key = (await Send(HttpMethod.Post)).Text("listenKey");
        (await Send(HttpMethod.Post)).Text("listenKey").ShouldBe(key);

        _time.Advance(TimeSpan.FromMinutes(59));
        (await Send(HttpMethod.Put)).Text("listenKey").ShouldBe(key);
        _time.Advance(TimeSpan.FromMinutes(60));

        (await Send(HttpMethod.Put)).ShouldBeRefused(-1125);
        ((await Send(HttpMethod.Post)).Text("listenKey") == key).ShouldBeFalse();
        (await Send(HttpMethod.Delete)).Body.ShouldBe("{}");
        (await Send(HttpMethod.Delete)).ShouldBeRefused(-1125);

        Task<Reply> Send(HttpMethod method) => _trader.SendAsync(method, "/fapi/v1/listenKey", new ByteArrayContent([]));
    }

    [Theory]
    [InlineData("/fapi/v2/balance")]
    [InlineData("/fapi/v3/balance")]
    public async Task Balances_follow_profit_and_loss(string path)
    {
        await _trader.PlaceMarketAsync("a-1", "1");
        _exchange.SetPrice("BTCUSDT", 51_000m);
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v3/account")).Text("totalUnrealizedProfit").ShouldBe("1000");
        await _trader.PlaceMarketAsync("a-2", "1", "SELL");

        (await _trader.SignedAsync(HttpMethod.Get, path)).Json[0].GetProperty("balance").GetString().ShouldBe("10000001000");
    }

    [Fact]
    public async Task A_conditional_order_waits_apart_and_becomes_a_real_one_when_set_off()
    {
        await _trader.PlaceMarketAsync("entry", "0.010");
        var placed = await Algo("clientAlgoId=s-1&closePosition=true&triggerPrice=49000");
        placed.Text("algoStatus").ShouldBe("NEW");

        (await Algo("clientAlgoId=s-2&closePosition=true&triggerPrice=48000")).ShouldBeRefused(-4130);
        (await Algo("clientAlgoId=s-1&quantity=0.001&triggerPrice=48000")).ShouldBeRefused(-4116);
        (await Algo("clientAlgoId=s-3&quantity=0.001&triggerPrice=50000")).ShouldBeRefused(-2021);
        (await _trader.FindAsync("s-1")).ShouldBeRefused(-2013);
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/openAlgoOrders", "symbol=BTCUSDT")).Json.GetArrayLength().ShouldBe(1);

        _exchange.SetPrice("BTCUSDT", 49_000m);

        var found = await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/algoOrder", "clientAlgoId=s-1");
        found.Text("algoStatus").ShouldBe("FINISHED");
        _exchange.Orders.ShouldContain(order => order.OrderId == long.Parse(found.Text("actualOrderId"), CultureInfo.InvariantCulture) && order.ExecutedQuantity == 0.010m);
        (await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/algoOrder", "clientAlgoId=s-1")).ShouldBeRefused(-2011);
    }

    [Fact]
    public async Task A_conditional_order_is_cancelled_with_a_success_code_in_text()
    {
        await Algo("clientAlgoId=s-1&quantity=0.001&triggerPrice=49000");
        await Algo("clientAlgoId=s-2&quantity=0.001&triggerPrice=49000");

        (await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/algoOrder", "clientAlgoId=s-1")).Json.GetProperty("code").GetString().ShouldBe("200");
        (await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/algoOpenOrders", "symbol=BTCUSDT")).Code.ShouldBe(200);
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/openAlgoOrders")).Body.ShouldBe("[]");
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/algoOrder", "clientAlgoId=s-3")).ShouldBeRefused(-2013);
    }

    [Fact]
    public async Task The_market_tells_its_time_limits_symbols_and_prices()
    {
        (await _trader.GetAsync("/fapi/v1/ping")).Body.ShouldBe("{}");
        (await _trader.GetAsync("/dapi/v1/time")).Json.GetProperty("serverTime").GetInt64().ShouldBe(_time.GetUtcNow().ToUnixTimeMilliseconds());
        (await _trader.GetAsync("/fapi/v1/ticker/price", "symbol=ETHUSDT")).Text("price").ShouldBe("2500");
        (await _trader.GetAsync("/fapi/v1/premiumIndex")).Json.GetArrayLength().ShouldBe(3);
        (await _trader.GetAsync("/fapi/v1/ticker/price", "symbol=NOPE")).ShouldBeRefused(-1121);
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/rateLimit/order")).Json.GetArrayLength().ShouldBe(2);

        var info = (await _trader.GetAsync("/fapi/v1/exchangeInfo")).Json;
        info.GetProperty("rateLimits").EnumerateArray().Select(limit => (limit.GetProperty("rateLimitType").GetString(), limit.GetProperty("interval").GetString(), limit.GetProperty("intervalNum").GetInt32(), limit.GetProperty("limit").GetInt32()))
            .ShouldBe([("REQUEST_WEIGHT", "MINUTE", 1, 2400), ("ORDERS", "MINUTE", 1, 1200), ("ORDERS", "SECOND", 10, 300)]);
        info.GetProperty("symbols").EnumerateArray().Count().ShouldBe(3);
    }

    private Task<Reply> Algo(string more) =>
        _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/algoOrder", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&" + more);
}
