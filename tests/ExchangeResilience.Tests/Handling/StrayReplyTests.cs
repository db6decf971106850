using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;

namespace ExchangeResilience.Tests.Handling;

/// <summary>A success that names another order than the one asked for is a reply gone astray.</summary>
public sealed class StrayReplyTests
{
    private const string Other = """{"orderId":7,"symbol":"BTCUSDT","status":"FILLED","clientOrderId":"other","side":"BUY","type":"MARKET","origQty":"1","executedQty":"1"}""";

    [Theory]
    [InlineData("POST", "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=mine")]
    [InlineData("PUT", "/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=1&price=1&origClientOrderId=mine")]
    [InlineData("PUT", "/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=1&price=1&orderId=8")]
    public async Task The_order_asked_for_stays_unknown_until_evidence_of_its_own(string method, string address)
    {
        var time = new ManualTimeProvider();
        var exchange = Exchange(time).On($"{method} /fapi/v1/order", static _ => ScriptedExchange.Reply(200, Other));
        using var client = new ProtectedClient(exchange, time: time);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), address))));

        told.Execution.ShouldNotBe(ExecutionStatus.Executed, told.ToString());
        exchange.SeenAt("GET /fapi/v1/order").ShouldNotBeEmpty();
        exchange.SeenAt($"{method} /fapi/v1/order").Count().ShouldBe(1);
    }

    [Theory]
    [InlineData("POST", "side=BUY&type=MARKET&quantity=1&newClientOrderId=mine", "ETHUSDT", "BUY", "FILLED", "1")]
    [InlineData("POST", "side=BUY&type=MARKET&quantity=1&newClientOrderId=mine", "BTCUSDT", "SELL", "FILLED", "1")]
    [InlineData("PUT", "side=BUY&quantity=1&price=2&origClientOrderId=mine", "ETHUSDT", "BUY", "NEW", "2")]
    [InlineData("PUT", "side=BUY&quantity=1&price=2&origClientOrderId=mine", "BTCUSDT", "BUY", "NEW", "1")]
    [InlineData("PUT", "side=BUY&quantity=3&price=2&origClientOrderId=mine", "BTCUSDT", "BUY", "NEW", "2")]
    [InlineData("DELETE", "origClientOrderId=mine", "BTCUSDT", "BUY", "NEW", "2")]
    [InlineData("DELETE", "origClientOrderId=mine", "ETHUSDT", "BUY", "CANCELED", "2")]
    public async Task Nor_is_a_reply_taken_that_bears_the_orders_name_and_contradicts_the_request(string method, string query, string symbol, string side, string status, string price)
    {
        var reply = $$"""{"orderId":7,"symbol":"{{symbol}}","status":"{{status}}","clientOrderId":"mine","side":"{{side}}","type":"LIMIT","price":"{{price}}","origQty":"1","executedQty":"0"}""";
        var time = new ManualTimeProvider();
        var exchange = Exchange(time).On($"{method} /fapi/v1/order", _ => ScriptedExchange.Reply(200, reply));
        using var client = new ProtectedClient(exchange, time: time);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.SendAsync(new HttpRequestMessage(new HttpMethod(method), $"/fapi/v1/order?symbol=BTCUSDT&{query}"))));

        told.Execution.ShouldNotBe(ExecutionStatus.Executed, told.ToString());
        exchange.SeenAt(method == "DELETE" ? "DELETE /fapi/v1/order" : "GET /fapi/v1/order").Count().ShouldBeGreaterThan(1, "a cancel is sent again, anything else is looked for");
    }

    [Theory]
    [InlineData("mine")]
    [InlineData(null)]
    public async Task A_reply_of_its_own_or_without_a_name_is_taken(string? name)
    {
        var time = new ManualTimeProvider();
        var own = Other.Replace("\"clientOrderId\":\"other\"", name is null ? "\"x\":1" : $"\"clientOrderId\":\"{name}\"", StringComparison.Ordinal);
        var exchange = Exchange(time).On("POST /fapi/v1/order", _ => ScriptedExchange.Reply(200, own));
        using var client = new ProtectedClient(exchange, time: time);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=mine", content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        exchange.SeenAt("GET /fapi/v1/order").ShouldBeEmpty();
    }

    private static ScriptedExchange Exchange(ManualTimeProvider time) => new ScriptedExchange()
        .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{time.GetUtcNow().ToUnixTimeMilliseconds()}}}")));
}
