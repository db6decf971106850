using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Handling;

/// <summary>One request's way through the middleware, against scripted answers.</summary>
public sealed class RoadTests
{
    private const string Order = "/fapi/v1/order";
    private const string Filled = "{\"orderId\":1,\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"a1\",\"status\":\"FILLED\",\"side\":\"BUY\",\"type\":\"MARKET\",\"origQty\":\"0.001\",\"time\":{0}}";

    [Fact]
    public async Task A_plain_success_passes_untouched()
    {
        var exchange = new ScriptedExchange().On("GET /fapi/v1/ticker/price", 200, "{\"price\":\"1\"}");
        using var client = new ProtectedClient(exchange);

        using var response = await client.Http.GetAsync("/fapi/v1/ticker/price?symbol=BTCUSDT");

        (await response.Content.ReadAsStringAsync()).ShouldBe("{\"price\":\"1\"}");
        response.GetExchangeError().ShouldBeNull();
        response.GetRecoveryReport().ShouldBeNull();
    }

    [Fact]
    public async Task A_parameter_error_fails_at_once_with_its_meaning()
    {
        var exchange = new ScriptedExchange().On("GET /fapi/v1/ticker/price", 400, "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
        using var client = new ProtectedClient(exchange);

        using var response = await client.Http.GetAsync("/fapi/v1/ticker/price?symbol=NOPE");

        var error = response.GetExchangeError().ShouldNotBeNull();
        error.Code.ShouldBe(-1121);
        error.Name.ShouldBe("BAD_SYMBOL");
        error.Message.ShouldBe("Invalid symbol.");
        error.Advice.ShouldNotBeEmpty();
        exchange.SeenAt("GET /fapi/v1/ticker/price").Count().ShouldBe(1);
    }

    [Fact]
    public async Task A_wrong_clock_is_measured_and_the_call_succeeds()
    {
        var offset = TimeSpan.FromSeconds(-7);
        var exchange = new ScriptedExchange()
            .On("GET /fapi/v1/time", 200, $"{{\"serverTime\":{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}}}")
            .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, $"{{\"serverTime\":{(TimeProvider.System.GetUtcNow() + offset).ToUnixTimeMilliseconds()}}}"))
            .On("GET /fapi/v3/balance", 400, "{\"code\":-1021,\"msg\":\"Timestamp for this request is outside of the recvWindow.\"}")
            .On("GET /fapi/v3/balance", 200, "[]");
        using var client = new ProtectedClient(exchange);

        using var response = await client.Http.GetAsync("/fapi/v3/balance");

        response.IsSuccessStatusCode.ShouldBeTrue();
        var sent = exchange.SeenAt("GET /fapi/v3/balance").ToList();
        sent.Count.ShouldBe(2);
        sent.ShouldAllBe(request => request.Count("timestamp") == 1 && request.Count("signature") == 1);
        var report = response.GetRecoveryReport().ShouldNotBeNull();
        report.ToString().ShouldContain("clock");
    }

    [Fact]
    public async Task A_lost_order_is_found_by_evidence_and_not_sent_again()
    {
        var exchange = new ScriptedExchange()
            .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, $"{{\"serverTime\":{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}}}"))
            .On($"POST {Order}", 503, "{\"code\":-1007,\"msg\":\"Timeout waiting for response from backend server. Send status unknown; execution status unknown.\"}")
            .On($"GET {Order}", _ => ScriptedExchange.Reply(200, Filled.Replace("{0}", TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds().ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal)));
        using var client = new ProtectedClient(exchange);

        using var response = await client.Http.PostAsync(Order + "?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=a1", null);

        response.IsSuccessStatusCode.ShouldBeTrue();
        exchange.SeenAt($"POST {Order}").Count().ShouldBe(1);
        response.GetRecoveryReport().ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task An_order_that_got_no_connection_uses_no_count()
    {
        var time = new ManualTimeProvider();
        var exchange = new ScriptedExchange()
            .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{time.GetUtcNow().ToUnixTimeMilliseconds()}}}")))
            .On($"POST {Order}", 200, "{\"orderId\":1,\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"last\",\"status\":\"NEW\"}");
        using var network = new Network(exchange);
        using var client = new ProtectedClient(network, static options => options.Policies["Transport"] = new ErrorPolicy { Action = RecoveryAction.FailFast }, time);
        Task<Told> Place(string id) => time.RunAsync(() => Told.HearAsync(client.Http.PostAsync(SimulatedFixture.Market(id), content: null)));
        for (var i = 0; i < 300; i++)
        {
            (await Place($"lost{i}")).Error.ShouldNotBeNull().Name.ShouldBe("CONNECTION_REFUSED");
        }

        network.Connects = true;
        (await Place("last")).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Theory]
    [InlineData(TrafficLane.Ip, "/fapi/v2/balance")]
    [InlineData(TrafficLane.Orders, "/fapi/v1/order")]
    public async Task A_row_that_closes_a_lane_does_so_after_a_lost_connection_as_well(TrafficLane lane, string held)
    {
        var time = new ManualTimeProvider();
        var exchange = new ScriptedExchange()
            .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{time.GetUtcNow().ToUnixTimeMilliseconds()}}}")))
            .OnLost("GET /fapi/v1/ticker/price", new HttpRequestException(HttpRequestError.ConnectionError))
            .On("GET /fapi/v1/ticker/price", 200, "{}");
        using var client = new ProtectedClient(
            exchange,
            options => options.Policies["Transport"] = new ErrorPolicy { Action = RecoveryAction.BackOff, Lane = lane, MaxAttempts = 2, BaseDelay = TimeSpan.FromSeconds(20), MaxDelay = TimeSpan.FromSeconds(20) },
            time);

        var (first, second) = await time.RunAsync(async () =>
        {
            await client.Http.GetAsync("/fapi/v1/time");
            var query = Told.HearAsync(client.Http.GetAsync("/fapi/v1/ticker/price?symbol=BTCUSDT"));
            await Task.Delay(TimeSpan.FromSeconds(1), time);
            client.Get<ExchangeServices>().Traffic.Snapshot().Single(snapshot => snapshot.Lane == lane).State.ShouldBe(LaneState.Held);
            using var request = new HttpRequestMessage(held.EndsWith("order", StringComparison.Ordinal) ? HttpMethod.Post : HttpMethod.Get, held + "?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1");
            var told = Told.HearAsync(client.Http.SendAsync(request.SetSendBefore(TimeSpan.FromSeconds(5))));
            return (await query, await told);
        });

        first.Status.ShouldBe(200);
        exchange.SeenAt("GET /fapi/v1/ticker/price").Count().ShouldBe(2);
        time.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(10), "this call waits whether the lane binds it or not");
        second.Status.ShouldNotBe(200);
    }

    private sealed class Network(HttpMessageHandler exchange) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _exchange = new(exchange);

        public bool Connects { get; set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Connects || request.Method == HttpMethod.Get ? _exchange.SendAsync(request, cancellationToken) : throw new HttpRequestException(HttpRequestError.ConnectionError);

        protected override void Dispose(bool disposing)
        {
            _exchange.Dispose();
            base.Dispose(disposing);
        }
    }
}
