using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Handling;

/// <summary>Mode Observe: everything is classified and told, and nothing is done about it.</summary>
public sealed class ObserveTests
{
    [Theory]
    [InlineData("POST /fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=a", "503 -1007", ExecutionStatus.Unknown)]
    [InlineData("POST /fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=a", "503 -1008", ExecutionStatus.NotExecuted)]
    [InlineData("POST /fapi/v1/leverage", "symbol=BTCUSDT&leverage=5", "503 -1007", ExecutionStatus.Unknown)]
    [InlineData("DELETE /fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=a", "503 -1007", ExecutionStatus.Unknown)]
    [InlineData("GET /fapi/v1/openOrders", "symbol=BTCUSDT", "429", ExecutionStatus.NotExecuted)]
    [InlineData("GET /fapi/v1/openOrders", "symbol=BTCUSDT", "503 -1008", ExecutionStatus.NotExecuted)]
    public async Task A_failed_request_is_sent_once_and_classified(string route, string parameters, string fault, ExecutionStatus execution)
    {
        using var world = Observing();
        world.Exchange.Faults.Next(route, fault switch
        {
            "503 -1007" => Fault.ExecutedTimeout503,
            "503 -1008" => Fault.Unavailable,
            _ => Fault.TooManyRequests(TimeSpan.FromSeconds(30)),
        });

        var told = await SendAsync(world, route, parameters);

        told.Thrown.ShouldBeNull();
        told.Error.ShouldNotBeNull().Execution.ShouldBe(execution);
        told.Report.ShouldNotBeNull().Attempts.ShouldBe(1);
        world.Exchange.Seen(route).Count.ShouldBe(1);
        world.Time.Elapsed.ShouldBe(TimeSpan.Zero);
        world.Client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_hold_holds_nothing_back()
    {
        using var world = Observing();
        world.Exchange.Faults.Next("GET /fapi/v1/openOrders", Fault.TooManyRequests(TimeSpan.FromSeconds(30)));
        world.Exchange.Options.EnforceRetryAfter = false;

        await SendAsync(world, "GET /fapi/v1/openOrders", "symbol=BTCUSDT");
        var next = await SendAsync(world, "GET /fapi/v1/openOrders", "symbol=BTCUSDT");

        next.Status.ShouldBe(200);
        world.Time.Elapsed.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_lost_reply_is_thrown_as_the_transport_threw_it()
    {
        using var world = Observing();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var thrown = await world.Time.RunAsync(() => Should.ThrowAsync<HttpRequestException>(() => world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        thrown.ShouldNotBeOfType<ExchangeErrorException>();
        thrown.InnerException.ShouldBeOfType<IOException>();
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
        world.Exchange.Seen(ExchangeLooks.Look).ShouldBeEmpty();
    }

    [Fact]
    public async Task Errors_are_not_thrown_even_where_they_are_to_be_thrown()
    {
        using var world = Observing(static options => options.ThrowOnError = true);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(400, -2019, "Margin is insufficient."));

        (await SendAsync(world, ExchangeLooks.Place, "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=a")).Thrown.ShouldBeNull();
    }

    [Fact]
    public async Task The_same_order_may_be_sent_at_once_as_often_as_anybody_likes()
    {
        using var world = Observing();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromSeconds(1)));

        await world.Time.RunAsync(() => Task.WhenAll(
            world.Http.PostAsync(SimulatedFixture.Market("a"), content: null),
            world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        world.Exchange.ExecutionsOf("a").Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_callers_message_stays_as_it_is()
    {
        using var world = Observing();
        using var request = new HttpRequestMessage(HttpMethod.Post, SimulatedFixture.Market(""));
        var address = new Uri(world.Http.BaseAddress!, request.RequestUri!);

        await world.Time.RunAsync(() => world.Http.SendAsync(request));

        request.RequestUri.ShouldBe(address);
        request.Content.ShouldBeNull();
        request.Headers.ShouldBeEmpty();
        world.Exchange.Seen(ExchangeLooks.Place).Single().Parameters.ContainsKey("newClientOrderId").ShouldBeFalse();
    }

    [Fact]
    public async Task A_content_too_large_to_keep_is_none_of_its_business()
    {
        var exchange = new ScriptedExchange().On("POST /fapi/v1/upload", 200, "{}");
        using var client = new ProtectedClient(exchange, static options => options.Mode = HandlingMode.Observe, signed: false);
        using var content = new StreamContent(new MemoryStream(new byte[RequestPreparation.ContentLimit + 1]));

        using var response = await client.Http.PostAsync("/fapi/v1/upload", content);

        response.StatusCode.ShouldBe(System.Net.HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_clock_that_cannot_be_measured_keeps_nobody_waiting()
    {
        using var world = new SimulatedFixture(static options => options.Mode = HandlingMode.Observe);
        world.Exchange.Faults.Plan = FaultPlan.Custom(static request => request.Path == "/fapi/v1/time" ? Fault.SilenceBeforeExecute : null);

        var told = await SendAsync(world, ExchangeLooks.Place, "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=a");

        told.Status.ShouldBe(200);
        world.Time.Elapsed.ShouldBe(TimeSpan.Zero);
    }

    private static SimulatedFixture Observing(Action<ExchangeErrorHandlingOptions>? configure = null) => new(options =>
    {
        options.Mode = HandlingMode.Observe;
        configure?.Invoke(options);
    });

    private static Task<Told> SendAsync(SimulatedFixture world, string route, string parameters) => world.Time.RunAsync(async () =>
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), $"{route.Split(' ')[1]}?{parameters}");
        return await Told.HearAsync(world.Http.SendAsync(request));
    });
}
