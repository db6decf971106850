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
}
