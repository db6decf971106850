using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Handling;

/// <summary>What is repeated after a lost reply and what never is, by what the request does.</summary>
public sealed class RepetitionTests
{
    [Theory]
    [InlineData("POST /fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime=60000")]
    [InlineData("POST /fapi/v1/positionMargin", "symbol=BTCUSDT&amount=10&type=1")]
    [InlineData("POST /fapi/v1/batchOrders", "batchOrders=%5B%5D")]
    [InlineData("POST /fapi/v1/somethingNew", "symbol=BTCUSDT")]
    public async Task What_must_not_be_repeated_is_sent_once_and_its_doubt_is_told(string route, string parameters)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(route, Fault.ExecuteThenDrop);

        var told = await SendAsync(world, route, parameters);

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        told.Thrown.ShouldBeOfType<ExchangeErrorException>();
        world.Exchange.Seen(route).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("POST /fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime=60000")]
    [InlineData("POST /fapi/v1/positionMargin", "symbol=BTCUSDT&amount=10&type=1")]
    public async Task Nor_is_it_repeated_after_a_failure_that_is_known(string route, string parameters)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(route, Fault.Unavailable);

        var told = await SendAsync(world, route, parameters);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().Code.ShouldBe(-1008);
        world.Exchange.Seen(route).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("POST /fapi/v1/leverage", "symbol=BTCUSDT&leverage=7")]
    [InlineData("POST /fapi/v1/feeBurn", "feeBurn=true")]
    [InlineData("POST /fapi/v1/order/test", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001")]
    [InlineData("POST /fapi/v1/listenKey", "")]
    public async Task An_absolute_setting_is_repeated(string route, string parameters)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(route, Fault.ExecuteThenDrop);

        var told = await SendAsync(world, route, parameters);

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(route).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("POST /fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED", -4046)]
    [InlineData("POST /fapi/v1/positionSide/dual", "dualSidePosition=true", -4059)]
    [InlineData("POST /fapi/v1/multiAssetsMargin", "multiAssetsMargin=true", -4171)]
    public async Task No_change_needed_after_a_lost_reply_means_that_the_wanted_state_holds(string route, string parameters, int code)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(route, Fault.ExecutedTimeout);

        var told = await SendAsync(world, route, parameters);

        told.Status.ShouldBe(200);
        told.Error.ShouldBeNull();
        told.Execution.ShouldBe(ExecutionStatus.Executed);
        told.Report.ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(route).Select(static request => request.Code).ShouldBe([-1007, code]);
    }

    [Fact]
    public async Task No_change_needed_at_first_is_what_the_exchange_says()
    {
        using var world = new SimulatedFixture();

        var told = await SendAsync(world, "POST /fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED");

        told.Error.ShouldNotBeNull().Code.ShouldBe(-4046);
        told.Status.ShouldBe(400);
    }

    [Fact]
    public async Task An_amendment_that_needs_no_change_after_a_lost_reply_holds_too()
    {
        using var world = new SimulatedFixture(static options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.SendBefore = TimeSpan.FromSeconds(25);
        });
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.Unavailable);

        var told = await world.Time.RunAsync(async () =>
        {
            await world.Http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000&newClientOrderId=a", content: null);
            return await Told.HearAsync(world.Http.PutAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price=41000&origClientOrderId=a", content: null));
        });

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Single().Price.ShouldBe(41_000);
    }

    private static Task<Told> SendAsync(SimulatedFixture world, string route, string parameters) => world.Time.RunAsync(async () =>
    {
        var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
        using var request = new HttpRequestMessage(new HttpMethod(method), parameters.Length == 0 ? path : $"{path}?{parameters}");
        return await Told.HearAsync(world.Http.SendAsync(request));
    });
}
