using System.Globalization;
using System.Net;

namespace ExchangeResilience.Testing.Tests.Exchange;

public sealed class LimitTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private readonly Trader _trader;

    public LimitTests()
    {
        _exchange = new SimulatedExchange(time: _time);
        _trader = new Trader(_exchange, _time);
    }

    public void Dispose() => _trader.Dispose();

    [Theory]
    [InlineData("/fapi/v1/openOrders", "", 40)]
    [InlineData("/fapi/v1/openOrders", "symbol=BTCUSDT", 1)]
    [InlineData("/fapi/v1/allOrders", "symbol=BTCUSDT", 5)]
    [InlineData("/fapi/v1/positionSide/dual", "", 30)]
    [InlineData("/fapi/v1/time", "", 1)]
    public async Task A_request_costs_its_endpoints_weight(string path, string query, int weight) =>
        (await _trader.SignedAsync(HttpMethod.Get, path, query)).Headers["x-mbx-used-weight-1m"].ShouldBe(weight.ToString(CultureInfo.InvariantCulture));

    [Fact]
    public async Task An_order_costs_no_weight_and_counts_as_an_order()
    {
        await _trader.PlaceMarketAsync("a-1");
        var reply = await _trader.PlaceMarketAsync("a-2");

        (reply.Headers["x-mbx-used-weight-1m"], reply.Headers["x-mbx-order-count-10s"], reply.Headers["x-mbx-order-count-1m"]).ShouldBe(("0", "2", "2"));
    }

    [Fact]
    public async Task Weight_is_counted_per_address_over_both_products_and_anew_each_minute()
    {
        using var elsewhere = new Trader(_exchange, _time, "10.0.0.2");
        await _trader.GetAsync("/fapi/v1/time");
        (await _trader.GetAsync("/dapi/v1/time")).Headers["x-mbx-used-weight-1m"].ShouldBe("2");
        (await elsewhere.GetAsync("/fapi/v1/time")).Headers["x-mbx-used-weight-1m"].ShouldBe("1");

        _time.Advance(TimeSpan.FromMinutes(1));

        (await _trader.GetAsync("/fapi/v1/time")).Headers["x-mbx-used-weight-1m"].ShouldBe("1");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Too_much_weight_is_refused_until_the_minute_ends(bool sendsRetryAfter)
    {
        (_exchange.Options.WeightPerMinute, _exchange.Options.SendRetryAfter) = (80, sendsRetryAfter);
        _time.Advance(TimeSpan.FromSeconds(20.5));
        (await All()).ShouldBeOk();
        (await All()).ShouldBeOk();

        var refused = await All();

        refused.ShouldBeRefused(-1003, 429);
        refused.Text("msg").ShouldBe("Too many requests; current limit of IP(127.0.0.1) is 80 requests per minute. Please use the websocket for live updates to avoid polling the API.");
        refused.Headers.TryGetValue("Retry-After", out var wait).ShouldBe(sendsRetryAfter);
        wait.ShouldBe(sendsRetryAfter ? "40" : null);
        _exchange.SentIntoHold.ShouldBeEmpty("nobody had been told yet");

        _time.Advance(TimeSpan.FromSeconds(39.4));
        (await All()).ShouldBeRefused(-1003, 429);
        _exchange.SentIntoHold.ShouldHaveSingleItem().IntoHold.ShouldBe(TimeSpan.FromSeconds(39.4));
        _exchange.Requests.Single(request => request.Number == _exchange.SentIntoHold[0].ToldBy).Status.ShouldBe(429);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        (await All()).ShouldBeOk();
        _exchange.Scoreboard.SentIntoHold.ShouldBe(1);

        Task<Reply> All() => _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/openOrders");
    }

    [Fact]
    public async Task Who_goes_on_is_banned_for_two_minutes_and_next_time_for_twice_as_long()
    {
        (_exchange.Options.WeightPerMinute, _exchange.Options.ViolationsBeforeBan) = (0, 3);
        await Refused(4);

        var banned = await _trader.GetAsync("/fapi/v1/time");

        banned.ShouldBeRefused(-1003, 418);
        banned.Headers["Retry-After"].ShouldBe("120");
        var until = _time.GetUtcNow().AddMinutes(2);
        banned.Text("msg").ShouldBe($"Way too many requests; IP(127.0.0.1) banned until {until.ToUnixTimeMilliseconds()}. Please use the websocket for live updates to avoid bans.");
        _time.Advance(TimeSpan.FromSeconds(119));
        var still = await _trader.GetAsync("/fapi/v1/time");
        (still.Status, still.Headers["Retry-After"]).ShouldBe(((HttpStatusCode)418, "1"));
        using var elsewhere = new Trader(_exchange, _time, "10.0.0.2");
        (await elsewhere.GetAsync("/fapi/v1/time")).Status.ShouldBe(HttpStatusCode.TooManyRequests);

        _time.Advance(TimeSpan.FromMinutes(2));
        await Refused(4);
        (await _trader.GetAsync("/fapi/v1/time")).Headers["Retry-After"].ShouldBe("240");

        async Task Refused(int times)
        {
            for (var i = 0; i < times; i++)
            {
                (await _trader.GetAsync("/fapi/v1/time")).Status.ShouldBe(HttpStatusCode.TooManyRequests);
            }
        }
    }

    [Fact]
    public async Task No_ban_lasts_longer_than_the_longest()
    {
        (_exchange.Options.WeightPerMinute, _exchange.Options.ViolationsBeforeBan, _exchange.Options.FirstBan) = (0, 0, TimeSpan.FromDays(2));
        await _trader.GetAsync("/fapi/v1/time");
        (await _trader.GetAsync("/fapi/v1/time")).Headers["Retry-After"].ShouldBe("172800");
        _time.Advance(TimeSpan.FromDays(2));
        await _trader.GetAsync("/fapi/v1/time");

        (await _trader.GetAsync("/fapi/v1/time")).Headers["Retry-After"].ShouldBe("259200");
    }

    [Fact]
    public async Task Too_many_orders_in_ten_seconds_stop_orders_of_that_account_and_nothing_else()
    {
        _exchange.Options.OrdersPer10Seconds = 2;
        await _trader.PlaceMarketAsync("a-1");
        await _trader.PlaceMarketAsync("a-2");

        var refused = await _trader.PlaceMarketAsync("a-3");

        refused.ShouldBeRefused(-1015, 429);
        refused.Text("msg").ShouldBe("Too many new orders; current limit is 2 orders per TEN_SECONDS.");
        (await _trader.FindAsync("a-1")).ShouldBeOk();
        (await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/allOpenOrders", "symbol=BTCUSDT")).ShouldBeOk();
        _exchange.SentIntoHold.ShouldBeEmpty("queries and cancels are exempt");
        (await _trader.PlaceMarketAsync("a-3")).ShouldBeRefused(-1015, 429);
        _exchange.SentIntoHold.Count.ShouldBe(1);
        _time.Advance(TimeSpan.FromSeconds(10));
        (await _trader.PlaceMarketAsync("a-3")).ShouldBeOk();
    }

    [Fact]
    public async Task Too_many_orders_in_a_minute_are_refused()
    {
        _exchange.Options.OrdersPerMinute = 1;
        await _trader.PlaceMarketAsync("a-1");
        _time.Advance(TimeSpan.FromSeconds(15));

        (await _trader.PlaceMarketAsync("a-2")).ShouldBeRefused(-1015, 429);
    }

    [Fact]
    public async Task A_request_on_its_way_when_the_wait_was_told_is_forgiven_within_the_grace()
    {
        _exchange.Options.HoldGrace = TimeSpan.FromMilliseconds(50);
        _exchange.Faults.Next("GET /fapi/v1/time", Fault.TooManyRequests(TimeSpan.FromSeconds(1)));
        await _trader.GetAsync("/fapi/v1/time");

        _time.Advance(TimeSpan.FromMilliseconds(49));
        (await _trader.GetAsync("/fapi/v1/time")).ShouldBeOk();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await _trader.GetAsync("/fapi/v1/time")).ShouldBeRefused(-1003, 429);

        _exchange.SentIntoHold.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_overload_refuses_does_not_count()
    {
        _exchange.Faults.Next("GET /fapi/v1/allOrders", Fault.Unavailable);

        var refused = await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/allOrders", "symbol=BTCUSDT");

        refused.Headers["x-mbx-used-weight-1m"].ShouldBe("0");
    }
}
