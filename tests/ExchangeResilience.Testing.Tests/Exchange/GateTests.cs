using System.Globalization;
using System.Text;

namespace ExchangeResilience.Testing.Tests.Exchange;

public sealed class GateTests : IDisposable
{
    private const string Order = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001";
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private readonly Trader _trader;

    public GateTests()
    {
        _exchange = new SimulatedExchange(
            new SimulatedExchangeOptions
            {
                ApiKeys =
                {
                    new SimulatedApiKey("second", "second-secret"),
                    new SimulatedApiKey("reader", "reader-secret", CanTrade: false),
                    new SimulatedApiKey("other", "other-secret", Account: "other"),
                },
            },
            _time);
        _trader = new Trader(_exchange, _time);
    }

    private string Now => _time.GetUtcNow().ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    public void Dispose() => _trader.Dispose();

    [Theory]
    [InlineData("", "simulated-secret", -2014, 401)]
    [InlineData("unknown", "simulated-secret", -2015, 401)]
    [InlineData("reader", "reader-secret", -2015, 401)]
    [InlineData("simulated-key", "wrong", -1022, 400)]
    public async Task A_wrong_key_or_secret_is_refused(string key, string secret, int code, int status)
    {
        (_trader.Key, _trader.Secret) = (key, secret);

        (await _trader.PlaceMarketAsync("a-1")).ShouldBeRefused(code, status);
    }

    [Fact]
    public async Task A_key_that_may_not_trade_may_read()
    {
        (_trader.Key, _trader.Secret) = ("reader", "reader-secret");

        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v3/balance")).ShouldBeOk();
    }

    [Fact]
    public async Task Keys_of_one_account_see_the_same_orders_and_those_of_another_do_not()
    {
        await _trader.PlaceMarketAsync("a-1");

        (_trader.Key, _trader.Secret) = ("second", "second-secret");
        (await _trader.FindAsync("a-1")).ShouldBeOk();
        (_trader.Key, _trader.Secret) = ("other", "other-secret");
        (await _trader.FindAsync("a-1")).ShouldBeRefused(-2013);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(999, 0)]
    [InlineData(1000, -1021)]
    [InlineData(-5000, 0)]
    [InlineData(-5001, -1021)]
    public async Task The_gate_takes_stamps_from_the_window_behind_to_less_than_a_second_ahead(int skew, int code)
    {
        _trader.Skew = TimeSpan.FromMilliseconds(skew);

        var reply = await _trader.PlaceMarketAsync("a-1");

        reply.Code.ShouldBe(code);
        if (code != 0)
        {
            reply.Text("msg").ShouldBe(skew > 0 ? "Timestamp for this request was 1000ms ahead of the server's time." : "Timestamp for this request is outside of the recvWindow.");
            _exchange.Orders.ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task A_larger_window_is_taken_from_the_request_and_cures_no_stamp_ahead()
    {
        _trader.Skew = TimeSpan.FromSeconds(-59);
        (await _trader.PlaceMarketAsync("a-1", more: "&recvWindow=60000")).ShouldBeOk();
        _trader.Skew = TimeSpan.FromSeconds(2);
        (await _trader.PlaceMarketAsync("a-2", more: "&recvWindow=60000")).ShouldBeRefused(-1021);
    }

    [Fact]
    public async Task The_exchanges_clock_may_be_off_the_clients_and_may_step()
    {
        _exchange.Clock.Skew = TimeSpan.FromSeconds(7);
        (await _trader.PlaceMarketAsync("a-1")).ShouldBeRefused(-1021);
        _exchange.Clock.Step(TimeSpan.FromSeconds(-9));
        _exchange.Clock.Skew.ShouldBe(TimeSpan.FromSeconds(-2));

        var ahead = await _trader.PlaceMarketAsync("a-1");

        ahead.Text("msg").ShouldContain("ahead");
        ahead.Headers["Date"].ShouldBe((_time.GetUtcNow() - TimeSpan.FromSeconds(2)).ToString("R", CultureInfo.InvariantCulture));
        (await _trader.GetAsync("/fapi/v1/time")).Json.GetProperty("serverTime").GetInt64().ShouldBe(_time.GetUtcNow().ToUnixTimeMilliseconds() - 2000);
    }

    [Theory]
    [InlineData("POST", "/fapi/v1/order", Order)]
    [InlineData("PUT", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&origClientOrderId=open&price=41000&quantity=0.001")]
    [InlineData("POST", "/fapi/v1/batchOrders", "batchOrders=%5B%7B%7D%5D")]
    public async Task The_engine_checks_the_window_again_for_orders(string method, string path, string query)
    {
        await _trader.PlaceLimitAsync("open");
        _exchange.Options.EngineDelay = TimeSpan.FromMilliseconds(5001);

        var reply = await _time.RunAsync(() => _trader.SignedAsync(new HttpMethod(method), path, query));

        reply.ShouldBeRefused(-5028);
        _exchange.Orders.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_engine_takes_an_order_on_the_last_millisecond_of_its_window_and_cancels_at_any_time()
    {
        _exchange.Options.EngineDelay = TimeSpan.FromSeconds(5);

        (await _time.RunAsync(() => _trader.PlaceLimitAsync("a-1"))).ShouldBeOk();
        _exchange.Orders.Single().Time.ShouldBe(_time.GetUtcNow());
        (await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=a-1")).ShouldBeOk();
    }

    [Theory]
    [InlineData("{0}&timestamp={1}&signature=")]
    [InlineData("{0}&timestamp={1}&recvWindow=4000&signature=")]
    public async Task The_signature_may_stand_at_the_end_of_the_body(string form)
    {
        var payload = string.Format(CultureInfo.InvariantCulture, form, Order, Now);
        payload = payload[..^"&signature=".Length];
        using var content = new StringContent($"{payload}&signature={Trader.Sign(payload)}", Encoding.ASCII, "application/x-www-form-urlencoded");

        (await _trader.SendAsync(HttpMethod.Post, "/fapi/v1/order", content)).ShouldBeOk();
    }

    [Fact]
    public async Task Query_and_body_are_signed_as_one_with_nothing_in_between()
    {
        var query = "symbol=BTCUSDT&side=BUY&type=MARKET";
        var body = $"quantity=0.001&timestamp={Now}";

        (await Send(Trader.Sign(query + body))).ShouldBeOk();
        (await Send(Trader.Sign(query + "&" + body))).ShouldBeRefused(-1022);

        async Task<Reply> Send(string signature)
        {
            using var content = new StringContent($"{body}&signature={signature}", Encoding.ASCII, "application/x-www-form-urlencoded");
            return await _trader.SendAsync(HttpMethod.Post, "/fapi/v1/order?" + query, content);
        }
    }

    [Fact]
    public async Task The_query_wins_over_the_body()
    {
        var query = $"{Order}&newClientOrderId=query&timestamp={Now}";
        const string body = "newClientOrderId=body";
        using var content = new StringContent(body, Encoding.ASCII, "application/x-www-form-urlencoded");

        (await _trader.SendAsync(HttpMethod.Post, $"/fapi/v1/order?{query}&signature={Trader.Sign(query + body)}", content)).Text("clientOrderId").ShouldBe("query");
    }

    [Theory]
    [InlineData("{0}&timestamp={1}&timestamp={1}", -1101)]
    [InlineData("{0}&quantity=0.001&timestamp={1}", -1101)]
    [InlineData("{0}", -1102)]
    [InlineData("{0}&timestamp=soon", -1100)]
    public async Task Doubled_missing_or_malformed_parameters_are_refused(string form, int code)
    {
        var payload = string.Format(CultureInfo.InvariantCulture, form, Order, Now);

        (await _trader.SendAsync(HttpMethod.Post, $"/fapi/v1/order?{payload}&signature={Trader.Sign(payload)}", content: null)).ShouldBeRefused(code);
    }

    [Fact]
    public async Task Two_signatures_are_refused()
    {
        var payload = $"{Order}&timestamp={Now}";
        var signed = $"{payload}&signature={Trader.Sign(payload)}";

        (await _trader.SendAsync(HttpMethod.Post, $"/fapi/v1/order?{signed}&signature={Trader.Sign(signed)}", content: null)).ShouldBeRefused(-1101);
        using var content = new StringContent($"timestamp={Now}", Encoding.ASCII, "application/x-www-form-urlencoded");
        (await _trader.SendAsync(HttpMethod.Post, "/fapi/v1/order?" + signed, content)).ShouldBeRefused(-1101);
    }

    [Fact]
    public async Task A_signature_that_is_missing_or_not_last_is_refused()
    {
        var payload = $"{Order}&timestamp={Now}";

        (await _trader.SendAsync(HttpMethod.Post, "/fapi/v1/order?" + payload, content: null)).ShouldBeRefused(-1102);
        (await _trader.SendAsync(HttpMethod.Post, $"/fapi/v1/order?signature={Trader.Sign(payload)}&{payload}", content: null)).ShouldBeRefused(-1022);
    }

    [Fact]
    public async Task A_signature_in_capitals_is_taken()
    {
        var payload = $"{Order}&timestamp={Now}";

        (await _trader.SendAsync(HttpMethod.Post, $"/fapi/v1/order?{payload}&signature={Trader.Sign(payload).ToUpperInvariant()}", content: null)).ShouldBeOk();
    }

    [Fact]
    public async Task A_key_of_another_kind_brings_its_own_check()
    {
        using var rsa = System.Security.Cryptography.RSA.Create(2048);
        var key = new SimulatedApiKey("rsa", "")
        {
            Verify = (signed, signature) => rsa.VerifyData(signed.Span, Convert.FromBase64String(signature), System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1),
        };
        using var trader = new Trader(new SimulatedExchange(new SimulatedExchangeOptions { ApiKeys = { key } }, _time), _time) { Key = "rsa" };
        var payload = $"{Order}&timestamp={Now}";
        var signature = Convert.ToBase64String(rsa.SignData(Encoding.ASCII.GetBytes(payload), System.Security.Cryptography.HashAlgorithmName.SHA256, System.Security.Cryptography.RSASignaturePadding.Pkcs1));

        (await trader.SendAsync(HttpMethod.Post, $"/fapi/v1/order?{payload}&signature={Uri.EscapeDataString(signature)}", content: null)).ShouldBeOk();
        (await trader.SendAsync(HttpMethod.Post, $"/fapi/v1/order?{payload}&newClientOrderId=x&signature={Uri.EscapeDataString(signature)}", content: null)).ShouldBeRefused(-1022);
    }

    [Fact]
    public async Task Replayed_bytes_are_refused_once_their_window_has_passed()
    {
        var payload = $"{Order}&newClientOrderId=a-1&timestamp={Now}";
        var target = $"/fapi/v1/order?{payload}&signature={Trader.Sign(payload)}";
        (await _trader.SendAsync(HttpMethod.Post, target, content: null)).ShouldBeOk();
        (await _trader.SendAsync(HttpMethod.Post, target, content: null)).ShouldBeOk();
        _exchange.ExecutionsOf("a-1").Count.ShouldBe(2);

        _time.Advance(TimeSpan.FromSeconds(5.001));

        (await _trader.SendAsync(HttpMethod.Post, target, content: null)).ShouldBeRefused(-1021);
    }

    [Fact]
    public async Task What_was_received_is_kept_whole_but_never_shown_by_its_text()
    {
        await _trader.PlaceMarketAsync("a-1");

        var request = _exchange.Requests.ShouldHaveSingleItem();
        request.ApiKey.ShouldBe(SimulatedExchangeOptions.DefaultApiKey);
        request.Parameters["newClientOrderId"].ShouldBe("a-1");
        request.Query.ShouldContain("signature=");
        (request.Method, request.Path, request.Status, request.Code).ShouldBe(("POST", "/fapi/v1/order", 200, 0));
        request.ToString().ShouldBe("#1 POST /fapi/v1/order -> 200 0");
        new SimulatedApiKey("k", "s").ToString().ShouldNotContain("= s");
        _exchange.Scoreboard.ToString().ShouldNotContain("simulated-key");
    }
}
