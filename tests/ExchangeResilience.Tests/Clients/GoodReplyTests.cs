using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Handling;

namespace ExchangeResilience.Tests.Clients;

/// <summary>A reply that tells of several things is handed over as it came, whatever it leaves open: what it does tell is in no exception.</summary>
public sealed class GoodReplyTests
{
    private const string CoinBatch = "/dapi/v1/batchOrders?batchOrders=%5B%5D&timestamp=0";
    private const string Done = """{"orderId":22542179,"symbol":"BTCUSD_PERP","status":"NEW","clientOrderId":"a"}""";

    [Fact]
    public async Task A_batch_on_an_unlisted_path_is_annotated_item_by_item()
    {
        var body = $$"""[{{Done}},{"code":-2019,"msg":"Margin is insufficient."}]""";

        var (told, errors) = await AskAsync(CoinBatch, 200, body);

        told.Status.ShouldBe(200);
        told.Body.ShouldBe(body);
        errors.Count.ShouldBe(2);
        errors[0].ShouldBeNull();
        errors[1].ShouldNotBeNull().ShouldSatisfyAllConditions(static error => error.Code.ShouldBe(-2019), static error => error.Execution.ShouldBe(ExecutionStatus.NotExecuted));
    }

    [Fact]
    public async Task An_item_in_doubt_does_not_take_the_others_outcome_away()
    {
        var body = $$"""[{{Done}},{"code":-1007,"msg":"Timeout waiting for response from backend server. Send status unknown; execution status unknown."}]""";

        var (told, errors) = await AskAsync(CoinBatch, 200, body);

        told.Status.ShouldBe(200);
        told.Body.ShouldBe(body);
        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        errors[0].ShouldBeNull();
        errors[1].ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Unknown);
    }

    [Fact]
    public async Task A_conflict_with_two_halves_is_handed_over()
    {
        const string body = """{"code":-2021,"msg":"Order cancel-replace partially failed.","data":{"cancelResult":"SUCCESS","newOrderResult":"FAILURE","cancelResponse":{"symbol":"BTCUSDT","orderId":1,"status":"CANCELED"},"newOrderResponse":{"code":-2010,"msg":"Account has insufficient balance for requested action."}}}""";

        var (told, _) = await AskAsync("/api/v3/order/cancelReplace?symbol=BTCUSDT&timestamp=0", 409, body);

        told.Status.ShouldBe(409);
        told.Body.ShouldBe(body);
        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        told.Error.ShouldNotBeNull().Code.ShouldBe(-2021);
    }

    [Theory]
    [InlineData(409, "{}")]
    [InlineData(409, "<html>")]
    [InlineData(503, """[{"orderId":1}]""")]
    public async Task A_reply_that_tells_of_nothing_stays_an_exception(int status, string body) =>
        (await AskAsync(CoinBatch, status, body)).Told.ShouldSatisfyAllConditions(
            static told => told.Thrown.ShouldBeOfType<ExchangeErrorException>(),
            static told => told.Execution.ShouldBe(ExecutionStatus.Unknown));

    [Fact]
    public async Task A_reply_about_another_order_says_whose_it_is()
    {
        using var exchange = new ScriptedExchange().On("POST /fapi/v1/order", 200, """{"orderId":1,"symbol":"BTCUSDT","status":"NEW","clientOrderId":"other","side":"BUY","type":"MARKET","origQty":"0.001"}""");
        using var client = new ProtectedClient(exchange, signed: false);

        var told = await Told.HearAsync(client.Http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=mine", content: null, TestContext.Current.CancellationToken));

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        told.Thrown.ShouldNotBeNull().Message.ShouldContain("'other'");
    }

    private static async Task<(Told Told, IReadOnlyList<ExchangeError?> Errors)> AskAsync(string path, int status, string body)
    {
        using var exchange = new ScriptedExchange().On($"POST {path.Split('?')[0]}", status, body);
        using var client = new ProtectedClient(exchange, signed: false);
        IReadOnlyList<ExchangeError?> errors = [];
        var told = await Told.HearAsync(SendAsync());
        return (told, errors);

        async Task<HttpResponseMessage> SendAsync()
        {
            var response = await client.Http.PostAsync(path, content: null, TestContext.Current.CancellationToken);
            errors = response.GetExchangeErrors();
            return response;
        }
    }
}
