using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Claims;

/// <summary>What becomes of an order that bears no client order id.</summary>
public sealed class GeneratedIdTests
{
    [Fact]
    public async Task It_gets_one_of_ours_written_into_the_callers_query()
    {
        using var world = new SimulatedFixture();
        using var request = new HttpRequestMessage(HttpMethod.Post, SimulatedFixture.Market(""));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.SendAsync(request)));

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        var id = world.Exchange.Orders.Single().ClientOrderId;
        id.ShouldStartWith("xr-");
        id.Length.ShouldBeLessThanOrEqualTo(32);
        request.RequestUri!.Query.ShouldBe($"?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId={id}");
    }

    [Fact]
    public async Task It_gets_one_of_ours_written_into_the_callers_form()
    {
        using var world = new SimulatedFixture();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/fapi/v1/order")
        {
            Content = new FormUrlEncodedContent([new("symbol", "BTCUSDT"), new("side", "BUY"), new("type", "MARKET"), new("quantity", "0.001")]),
        };

        await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.SendAsync(request))).Execution.ShouldBe(ExecutionStatus.Executed);
            var id = world.Exchange.Orders.Single().ClientOrderId;
            id.ShouldStartWith("xr-");
            (await request.Content!.ReadAsStringAsync()).ShouldBe($"symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId={id}");
        });

        request.RequestUri!.Query.ShouldBeEmpty();
        request.Content!.Headers.ContentType!.MediaType.ShouldBe("application/x-www-form-urlencoded");
        world.Exchange.Seen(ExchangeLooks.Place).Single().Query.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_empty_id_counts_as_none()
    {
        using var world = new SimulatedFixture();

        await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("") + "&newClientOrderId=", content: null)));

        world.Exchange.Orders.Single().ClientOrderId.ShouldStartWith("xr-");
    }

    [Fact]
    public async Task Its_prefix_is_the_configured_one_and_it_stays_short_with_the_longest()
    {
        using var world = new SimulatedFixture(static options => options.ClientOrderIdPrefix = "desk7.grid");

        await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(""), content: null)));

        var id = world.Exchange.Orders.Single().ClientOrderId;
        id.ShouldStartWith("desk7.grid");
        id.Length.ShouldBeLessThanOrEqualTo(32);
    }

    [Fact]
    public async Task The_callers_own_id_is_left_alone()
    {
        using var world = new SimulatedFixture();
        using var request = new HttpRequestMessage(HttpMethod.Post, SimulatedFixture.Market("mine"));

        await world.Time.RunAsync(() => Told.HearAsync(world.Http.SendAsync(request)));

        world.Exchange.Orders.Single().ClientOrderId.ShouldBe("mine");
        request.RequestUri!.Query.ShouldEndWith("&newClientOrderId=mine");
    }

    [Fact]
    public async Task A_conditional_order_gets_one_too()
    {
        using var world = new SimulatedFixture();

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(
            "/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=0.001&triggerPrice=60000", content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.Seen("POST /fapi/v1/algoOrder").Single().Parameters["clientAlgoId"].ShouldStartWith("xr-");
    }

    [Fact]
    public async Task Where_ids_are_required_it_is_refused_unsent()
    {
        using var world = new SimulatedFixture(static options => options.ClientOrderIds = ClientOrderIdMode.Require);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(""), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Thrown.ShouldBeOfType<ExchangeErrorException>().Error.Name.ShouldBe("CLIENT_ORDER_ID_REQUIRED");
        world.Exchange.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task Where_ids_are_required_an_order_with_one_passes()
    {
        using var world = new SimulatedFixture(static options => options.ClientOrderIds = ClientOrderIdMode.Require);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("mine"), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Its_rebuild_is_refused_while_it_is_in_doubt_whoever_cloned_the_message_on_its_way(bool clones)
    {
        using var world = new SimulatedFixture(
            outer: builder => builder.AddHttpMessageHandler(services => new NaiveRetry(services.GetRequiredService<TimeProvider>(), TimeSpan.FromSeconds(20), clones)),
            exchange: static options => options.QueryLag = TimeSpan.FromSeconds(8));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        await world.Time.RunAsync(async () =>
        {
            using var impatience = new CancellationTokenSource(TimeSpan.FromSeconds(1), world.Time);
            (await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(""), content: null, impatience.Token))).Execution.ShouldBe(ExecutionStatus.Unknown);

            var refused = await Should.ThrowAsync<ExchangeErrorException>(() => world.Http.PostAsync(SimulatedFixture.Market(""), content: null));
            (refused.Error.Name, refused.Error.Execution).ShouldBe(("EQUAL_ORDER_IN_DOUBT", ExecutionStatus.Unknown));
        });

        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(HandlingMode.Enforce, "GET", "/fapi/v1/openOrders?symbol=BTCUSDT")]
    [InlineData(HandlingMode.Enforce, "POST", "/fapi/v1/leverage?symbol=BTCUSDT&leverage=5")]
    [InlineData(HandlingMode.Enforce, "POST", "/fapi/v1/order/test?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001")]
    [InlineData(HandlingMode.Observe, "POST", "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001")]
    public async Task Nothing_else_is_named(HandlingMode mode, string method, string address)
    {
        using var world = new SimulatedFixture(options => options.Mode = mode);
        using var request = new HttpRequestMessage(new HttpMethod(method), address);

        await world.Time.RunAsync(() => Told.HearAsync(world.Http.SendAsync(request)));

        request.RequestUri!.PathAndQuery.ShouldBe(address);
    }
}
