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
        world.Exchange.Faults.Next(request => $"{request.Method} {request.Path}" == route, Fault.ExecuteThenDrop);

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
    [InlineData("GET /fapi/v1/ticker/price", "symbol=BTCUSDT")]
    [InlineData("POST /fapi/v1/leverage", "symbol=BTCUSDT&leverage=7")]
    public async Task What_an_overload_holds_nobody_for_is_still_not_repeated_at_once(string route, string parameters)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(route, [.. Enumerable.Repeat(Fault.Throttled, 10)]);

        await SendAsync(world, route, parameters);

        var at = world.Exchange.Seen(route).Select(static request => request.Elapsed.TotalMilliseconds).ToList();
        at.Zip(at.Skip(1), static (one, next) => next - one).ShouldSatisfyAllConditions(
            gaps => gaps.Count().ShouldBe(4),
            gaps => gaps.Zip([100d, 200, 400, 800]).ShouldAllBe(gap => gap.First >= gap.Second));
    }

    [Theory]
    [InlineData(503, "{\"code\":-1001,\"msg\":\"Internal error; unable to process your request. Please try again.\"}")]
    [InlineData(500, "{\"code\":-1000,\"msg\":\"An unknown error occured while processing the request.\"}")]
    [InlineData(502, "Bad gateway")]
    [InlineData(503, "{\"code\":-1008,\"msg\":\"Service Unavailable.\"}")]
    [InlineData(503, null)]
    public async Task A_wait_that_the_exchange_asks_for_is_kept_whatever_the_error(int status, string? body)
    {
        var time = new ManualTimeProvider();
        var at = new List<TimeSpan>();
        var exchange = new ScriptedExchange().On("GET /fapi/v1/ticker/price", _ =>
        {
            at.Add(time.Elapsed);
            var reply = at.Count < 3 ? ScriptedExchange.Reply(status, body ?? "", ("Retry-After", "10")) : ScriptedExchange.Reply(200, "{}");
            reply.Content = body is null && at.Count < 3 ? new StreamContent(new BrokenStream("{\"code\":-10", hangs: false)) : reply.Content;
            return reply;
        });
        using var client = new ProtectedClient(exchange, time: time, signed: false);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.GetAsync("/fapi/v1/ticker/price?symbol=BTCUSDT")));

        told.Status.ShouldBe(200);
        at.Zip(at.Skip(1)).ShouldAllBe(pair => pair.Second - pair.First >= TimeSpan.FromSeconds(10));
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

    [Theory]
    [InlineData("POST /fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED", -4067)]
    [InlineData("POST /fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED", -4047)]
    [InlineData("POST /fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED", -4048)]
    [InlineData("POST /fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED", -4168)]
    [InlineData("POST /fapi/v1/leverage", "symbol=BTCUSDT&leverage=7", -4161)]
    [InlineData("POST /fapi/v1/leverage", "symbol=BTCUSDT&leverage=7", -4028)]
    [InlineData("POST /fapi/v1/leverage", "symbol=BTCUSDT&leverage=7", -2027)]
    [InlineData("POST /fapi/v1/leverage", "symbol=BTCUSDT&leverage=70", -4202)]
    [InlineData("POST /fapi/v1/positionSide/dual", "dualSidePosition=true", -4068)]
    [InlineData("POST /fapi/v1/positionSide/dual", "dualSidePosition=true", -4220)]
    [InlineData("POST /fapi/v1/multiAssetsMargin", "multiAssetsMargin=true", -4170)]
    [InlineData("POST /fapi/v1/feeBurn", "feeBurn=true", -2018)]
    [InlineData("DELETE /fapi/v1/listenKey", "", -1125)]
    [InlineData("PUT /fapi/v1/listenKey", "", -1109)]
    [InlineData("POST /fapi/v1/leverage", "symbol=BTCUSDT&leverage=7", -9999)]
    [InlineData("DELETE /fapi/v1/allOpenOrders", "symbol=BTCUSDT", -4087)]
    public async Task A_repeat_that_is_refused_says_nothing_of_the_attempt_nobody_answered(string route, string parameters, int code)
    {
        foreach (var first in new[] { Fault.ExecutedTimeout, Fault.ExecuteThenDrop, Fault.DropBeforeExecute })
        {
            using var world = new SimulatedFixture();
            world.Exchange.Faults.Next(route, first, Fault.RefuseWithCode(400, code, "refused"));

            var told = await SendAsync(world, route, parameters);

            told.Execution.ShouldBe(ExecutionStatus.Unknown);
            told.Thrown.ShouldBeOfType<ExchangeErrorException>();
            told.Error.ShouldNotBeNull().Code.ShouldBe(code);
            told.Error.Advice.ShouldContain("An earlier attempt of this call may have taken effect");
            world.Exchange.Seen(route).Count.ShouldBe(2);
        }
    }

    [Theory]
    [InlineData("POST /fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED", -4067)]
    [InlineData("POST /fapi/v1/leverage", "symbol=BTCUSDT&leverage=7", -4161)]
    public async Task A_setting_refused_at_first_has_not_taken_effect(string route, string parameters, int code)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(route, Fault.RefuseWithCode(400, code, "refused"));

        var told = await SendAsync(world, route, parameters);

        (told.Execution, told.Status, told.Error?.Code).ShouldBe((ExecutionStatus.NotExecuted, 400, code));
        world.Exchange.Seen(route).Count.ShouldBe(1);
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
