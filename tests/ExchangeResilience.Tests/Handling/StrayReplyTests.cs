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
