using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;

namespace ExchangeResilience.Tests.Handling;

/// <summary>An order that the exchange recorded as REJECTED did not take effect, although its reply is a success and shows an order.</summary>
public sealed class RejectedReplyTests
{
    private const string Batch = "/fapi/v1/batchOrders?batchOrders=%5B%7B%22symbol%22%3A%22BTCUSDT%22%2C%22side%22%3A%22BUY%22%2C%22type%22%3A%22MARKET%22%2C%22quantity%22%3A%221%22%2C%22newClientOrderId%22%3A%22mine%22%7D%2C"
        + "%7B%22symbol%22%3A%22BTCUSDT%22%2C%22side%22%3A%22BUY%22%2C%22type%22%3A%22MARKET%22%2C%22quantity%22%3A%221%22%2C%22newClientOrderId%22%3A%22other%22%7D%5D";

    [Fact]
    public async Task An_order_is_not_executed_and_its_reply_no_success()
    {
        var time = new ManualTimeProvider();
        var exchange = Exchange(time).On("POST /fapi/v1/order", static _ => ScriptedExchange.Reply(200, Order("mine", "REJECTED")));
        using var client = new ProtectedClient(exchange, time: time);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=mine", content: null)));

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted, told.ToString());
        told.Error.ShouldNotBeNull().Name.ShouldBe("ORDER_RECORDED_AS_REJECTED");
        told.Status.ShouldNotBe(200);
        exchange.SeenAt("POST /fapi/v1/order").Count().ShouldBe(1);
    }

    [Fact]
    public async Task Of_a_batch_it_is_the_item_that_was_not_executed()
    {
        var time = new ManualTimeProvider();
        var exchange = Exchange(time).On("POST /fapi/v1/batchOrders", static _ => ScriptedExchange.Reply(200, $"[{Order("mine", "REJECTED")},{Order("other", "FILLED")}]"));
        using var client = new ProtectedClient(exchange, time: time);

        using var response = await time.RunAsync(() => client.Http.PostAsync(Batch, content: null));

        var errors = response.GetExchangeErrors();
        errors.Count.ShouldBe(2);
        errors[0].ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.NotExecuted);
        errors[1].ShouldBeNull();
    }

    private static string Order(string id, string status) =>
        $$"""{"orderId":7,"symbol":"BTCUSDT","status":"{{status}}","clientOrderId":"{{id}}","side":"BUY","type":"MARKET","origQty":"1","executedQty":"0"}""";

    private static ScriptedExchange Exchange(ManualTimeProvider time) => new ScriptedExchange()
        .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{time.GetUtcNow().ToUnixTimeMilliseconds()}}}")));
}
