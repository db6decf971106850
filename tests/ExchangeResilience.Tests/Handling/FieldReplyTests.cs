using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Handling;

/// <summary>Replies that users met, and what they should have been told.</summary>
public sealed class FieldReplyTests
{
    private const string Order = "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1&newClientOrderId=a";

    [Theory]
    [InlineData("POST /fapi/v1/order", Order, 400, -4411, "Please sign TradFi-Perps agreement contract fapi.", ErrorCategory.Restricted, "POST /fapi/v1/stock/contract")]
    [InlineData("POST /fapi/v1/order", Order, 400, -4418, "This symbol is in reduce only mode due to regulation requirements.", ErrorCategory.Restricted, "reduceOnly")]
    [InlineData("GET /fapi/v2/balance", "", 401, -2008, "Invalid Api-Key ID.", ErrorCategory.Authentication, "environment")]
    [InlineData("GET /fapi/v2/account", "", 400, -1109, "Invalid account.", ErrorCategory.InvalidParameter, "demo")]
    [InlineData("GET /fapi/v1/account", "", 400, -5000, "GET /fapi/v1/account is retired, please use GET /fapi/v2/account", ErrorCategory.NotSupported, "retired")]
    [InlineData("DELETE /fapi/v1/batchOrders", "symbol=BTCUSDT&orderIdList=581240933", 400, -1130, "Data sent for parameter 'orderidlist' is not valid.", ErrorCategory.InvalidParameter, "JSON array")]
    [InlineData("POST /fapi/v1/marginType", "symbol=ADAUSDT&marginType=CROSSED", 400, -4067, "Position side cannot be changed if there exists open orders.", ErrorCategory.AccountState, "symbolConfig")]
    [InlineData("POST /fapi/v1/marginType", "symbol=ADAUSDT&marginType=CROSSED", 400, -4068, "Position side cannot be changed if there exists position.", ErrorCategory.AccountState, "symbolConfig")]
    [InlineData("POST /fapi/v1/positionSide/dual", "dualSidePosition=true", 400, -4067, "Position side cannot be changed if there exists open orders.", ErrorCategory.AccountState, "COIN-M")]
    [InlineData("GET /fapi/v1/order", "symbol=BTCUSDT&orderId=1000000013499160", 400, -2013, "Order does not exist.", ErrorCategory.OrderNotFound, "/fapi/v1/algoOrder")]
    [InlineData("GET /fapi/v1/algoOrder", "algoId=7", 400, -2013, "Order does not exist.", ErrorCategory.OrderNotFound, "/fapi/v1/order")]
    [InlineData("DELETE /fapi/v1/order", "symbol=BTCUSDT&orderId=1000000013499160", 400, -2011, "Unknown order sent.", ErrorCategory.OrderNotFound, "/fapi/v1/algoOrder")]
    [InlineData("DELETE /fapi/v1/algoOrder", "algoId=7", 400, -2011, "Unknown order sent.", ErrorCategory.OrderNotFound, "GET /fapi/v1/algoOrder")]
    public async Task What_can_never_succeed_fails_at_once_and_the_advice_fits_what_was_asked(string route, string parameters, int status, int code, string message, ErrorCategory category, string advice)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(request => $"{request.Method} {request.Path}" == route, Fault.RefuseWithCode(status, code, message));

        var told = await SendAsync(world, route, parameters);

        told.Error.ShouldNotBeNull().ShouldSatisfyAllConditions(
            error => (error.Code, error.Category, error.Execution).ShouldBe((code, category, ExecutionStatus.NotExecuted)),
            error => error.Advice.ShouldContain(advice));
        world.Exchange.Seen(route).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_said_of_a_margin_type_does_not_cancel_the_orders_of_other_symbols()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next("POST /fapi/v1/marginType", Fault.RefuseWithCode(400, -4067, "Position side cannot be changed if there exists open orders."));

        var told = await SendAsync(world, "POST /fapi/v1/marginType", "symbol=ADAUSDT&marginType=CROSSED");

        told.Error.ShouldNotBeNull().Advice.ShouldNotContain("COIN-M");
        told.Error.Advice.ShouldNotContain("all of them");
    }

    [Theory]
    [InlineData("POST /fapi/v1/listenKey", "")]
    [InlineData("POST /fapi/v1/order", Order)]
    [InlineData("GET /fapi/v1/depth", "symbol=BTCUSDT")]
    [InlineData("GET /fapi/v1/historicalTrades", "symbol=BTCUSDT")]
    public async Task A_410_is_a_retired_endpoint_and_is_not_asked_again(string route, string parameters)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(route, Fault.HtmlReply(410));

        var told = await SendAsync(world, route, parameters);

        told.Error.ShouldNotBeNull().ShouldSatisfyAllConditions(
            error => (error.Name, error.Category, error.Execution).ShouldBe(("HTTP_410_RETIRED", ErrorCategory.NotSupported, ExecutionStatus.NotExecuted)),
            error => error.Advice.ShouldContain($"It was {route}."));
        told.Status.ShouldBe(410);
        world.Exchange.Seen(route).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("DAY", 86_400, null)]
    [InlineData("day", 86_400, null)]
    [InlineData("1 DAY", 86_400, null)]
    [InlineData("24 HOURS", 86_400, null)]
    [InlineData("DAY", 86_400, "5")]
    [InlineData("HOUR", 3_600, null)]
    [InlineData("MINUTE", 60, null)]
    [InlineData("TEN_SECONDS", 10, null)]
    [InlineData("FORTNIGHT", 10, null)]
    public async Task An_account_that_spent_its_orders_waits_for_the_windows_end_on_the_exchanges_clock(string window, int seconds, string? retryAfter)
    {
        using var world = new SimulatedFixture();
        var fault = Fault.RefuseWithCode(429, -1015, $"Too many new orders; current limit is 100000 orders per {window}.");
        world.Exchange.Faults.Next("POST /fapi/v1/order", retryAfter is null ? fault : fault.WithHeader("Retry-After", retryAfter));
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(2), world.Time));

        var told = await SendAsync(world, "POST /fapi/v1/order", Order);

        var now = world.Time.GetUtcNow();
        var length = seconds * 1000L;
        var left = TimeSpan.FromMilliseconds(length - (now.ToUnixTimeMilliseconds() % length));
        var retryAt = told.Error.ShouldNotBeNull().RetryAt.ShouldNotBeNull();
        (told.Error.Code, told.Error.Execution).ShouldBe((-1015, ExecutionStatus.NotExecuted));
        (retryAt - now).ShouldBeInRange(left, left + TimeSpan.FromSeconds(32));

        // Nothing hammers, whatever the program does, and what the limit does not count goes on.
        for (var i = 0; i < 5; i++)
        {
            (await SendAsync(world, "POST /fapi/v1/order", Order)).Error.ShouldNotBeNull().ShouldSatisfyAllConditions(
                error => error.Name.ShouldBe("HELD_BACK"),
                error => error.RetryAt.ShouldBe(retryAt));
        }

        world.Exchange.Seen("POST /fapi/v1/order").Count.ShouldBe(1);
        (await SendAsync(world, "DELETE /fapi/v1/allOpenOrders", "symbol=BTCUSDT")).Execution.ShouldBe(ExecutionStatus.Executed);

        await world.Time.RunAsync(() => Task.Delay(retryAt - now, world.Time), TimeSpan.FromDays(2));
        (await SendAsync(world, "POST /fapi/v1/order", Order)).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    private static Task<Told> SendAsync(SimulatedFixture world, string route, string parameters) => world.Time.RunAsync(async () =>
    {
        var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
        using var request = new HttpRequestMessage(new HttpMethod(method), parameters.Length == 0 ? path : $"{path}?{parameters}");
        return await Told.HearAsync(world.Http.SendAsync(request));
    });
}
