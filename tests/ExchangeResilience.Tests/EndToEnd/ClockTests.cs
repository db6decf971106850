using System.Globalization;
using System.Text;
using System.Text.Json;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Handling;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>What clocks may do to a program that trades: the exchange's, and the machine's own.</summary>
public sealed class ClockTests
{
    private const int Callers = 50;

    public static TheoryData<string> UselessTimes => ["500", "404", "html", "garbage", "cut off", "reset", "closed"];

    [Theory]
    [InlineData(7)]
    [InlineData(-7)]
    public Task Fifty_calls_that_meet_a_clock_step_together_are_all_healed_by_one_measurement(int seconds) => RunAsync(async world =>
    {
        await TradeAsync(world, "warm");
        await PassAsync(world, TimeSpan.FromSeconds(20));
        var (before, asked) = (world.Exchange.Requests.Count, world.Exchange.SeenAt(AskTime).Count);
        world.Exchange.Clock.Step(TimeSpan.FromSeconds(seconds));

        var replies = await Task.WhenAll(Enumerable.Range(0, Callers).Select(number =>
            number % 2 == 0 ? world.Http.PostAsync(SimulatedFixture.Market($"s{number}"), null) : world.Http.GetAsync(Balance)));

        replies.Count(reply => reply.IsSuccessStatusCode).ShouldBe(Callers);
        replies.Count(reply => reply.GetRecoveryReport()?.Attempts == 2).ShouldBe(Callers, "calls that took two attempts");
        var sent = world.Exchange.Requests.Skip(before).Where(request => $"{request.Method} {request.Path}" is PlaceOrder or AskBalance).ToList();
        sent.Count.ShouldBe(2 * Callers);
        sent.ShouldEachBeStampedAndSignedOnce();
        world.Exchange.Duplicates.ShouldBeEmpty();

        // A measurement is one sample to go on with and, as configured, one to refine it.
        await PassAsync(world, TimeSpan.FromSeconds(5));
        (world.Exchange.SeenAt(AskTime).Count - asked).ShouldBe(1 + 1);
    }, options => options.Clock.Samples = 1, exchange: options => options.Latency = TimeSpan.FromMilliseconds(20));

    [Fact]
    public Task A_second_step_while_calls_are_being_healed_is_healed_too() => RunAsync(async world =>
    {
        await TradeAsync(world, "warm");
        await PassAsync(world, TimeSpan.FromSeconds(20));
        world.Exchange.Clock.Step(TimeSpan.FromSeconds(7));

        var calls = Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => world.Http.GetAsync(Balance)));
        await Task.Delay(TimeSpan.FromMilliseconds(45), world.Time);
        world.Exchange.Clock.Step(TimeSpan.FromSeconds(-14));
        var replies = await calls;

        replies.Count(reply => reply.IsSuccessStatusCode).ShouldBe(Callers);
        world.Exchange.SeenAt(AskBalance).ShouldEachBeStampedAndSignedOnce();
    }, exchange: options => options.Latency = TimeSpan.FromMilliseconds(20));

    [Fact]
    public Task Stamps_that_are_refused_although_the_clock_is_right_do_not_spend_the_weight_on_asking_for_the_time() => RunAsync(async world =>
    {
        await TradeAsync(world, "warm");
        var asked = world.Exchange.SeenAt(AskTime).Count;
        world.Exchange.Faults.Plan = RefusedStamps;
        var errors = new List<ExchangeError>();

        for (var number = 0; number < 400; number++)
        {
            using var refused = await world.Http.PostAsync(SimulatedFixture.Market($"s{number}"), null);
            errors.Add(refused.GetExchangeError().ShouldNotBeNull());
            await PassAsync(world, TimeSpan.FromMilliseconds(100));
        }

        (world.Exchange.SeenAt(AskTime).Count - asked).ShouldBeLessThan(60);
        world.Exchange.SeenAt(PlaceOrder).Count.ShouldBe(1 + (2 * 400), "one more attempt each, with a fresh stamp");
        errors.ShouldAllBe(static error => error.Code == -1021 && error.Execution == ExecutionStatus.NotExecuted);
        errors.ShouldAllBe(static error => error.Advice.Contains("agrees with the exchange's") && error.Advice.Contains("recvWindow"));
        world.Exchange.Faults.Clear();
        await TradeAsync(world, "after");
    }, exchange: options => options.Latency = TimeSpan.FromMilliseconds(20));

    [Theory]
    [InlineData(3)]
    [InlineData(-6)]
    public Task Refusals_whose_date_is_always_wrong_do_not_spend_the_weight_on_asking_for_the_time(int seconds) => RunAsync(async world =>
    {
        await TradeAsync(world, "warm");
        var asked = world.Exchange.SeenAt(AskTime).Count;
        world.Exchange.Faults.Plan = FaultPlan.Custom(context => context.IsPlace
            ? Fault.RefuseWithCode(400, -1021, "Timestamp for this request is outside of the recvWindow.").WithHeader("Date", world.Time.GetUtcNow().AddSeconds(seconds).ToString("R", CultureInfo.InvariantCulture))
            : null);

        for (var number = 0; number < 200; number++)
        {
            (await world.Http.PostAsync(SimulatedFixture.Market($"s{number}"), null)).Dispose();
            await PassAsync(world, TimeSpan.FromMilliseconds(500));
        }

        (world.Exchange.SeenAt(AskTime).Count - asked).ShouldBeLessThan(100);
    }, exchange: options => options.Latency = TimeSpan.FromMilliseconds(20));

    [Theory]
    [InlineData(30)]
    [InlineData(-30)]
    public Task A_step_of_the_exchanges_clock_is_healed_at_once_even_if_it_was_confirmed_a_moment_ago(int seconds) => RunAsync(async world =>
    {
        await TradeAsync(world, "warm");
        world.Exchange.Faults.Plan = RefusedStamps;
        for (var number = 0; number < 40; number++)
        {
            (await world.Http.PostAsync(SimulatedFixture.Market($"s{number}"), null)).Dispose();
            await PassAsync(world, TimeSpan.FromMilliseconds(500));
        }

        world.Exchange.Faults.Clear();
        world.Exchange.Clock.Step(TimeSpan.FromSeconds(seconds));
        using var healed = await world.Http.PostAsync(SimulatedFixture.Market("healed"), null);

        healed.IsSuccessStatusCode.ShouldBeTrue();
        healed.GetRecoveryReport().ShouldNotBeNull().Attempts.ShouldBe(2);
    }, exchange: options => options.Latency = TimeSpan.FromMilliseconds(20));

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public Task A_machine_an_hour_off_trades_from_its_first_call(int hours) => RunAsync(async world =>
    {
        StepLocalClock(world, TimeSpan.FromHours(hours));

        await TradeAsync(world, "first");

        world.Exchange.Requests.Count(request => request.Code == -1021).ShouldBe(0);
    });

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public Task A_step_of_the_machines_own_clock_does_not_break_signing(int hours) => RunAsync(async world =>
    {
        await TradeAsync(world, "before");

        StepLocalClock(world, TimeSpan.FromHours(hours));
        await TradeAsync(world, "after");
        await PassAsync(world, TimeSpan.FromSeconds(20));
        await TradeAsync(world, "later");
        var call = world.Http.PostAsync(SimulatedFixture.Market("midway"), null);
        await Task.Delay(TimeSpan.FromMilliseconds(5), world.Time);
        StepLocalClock(world, TimeSpan.FromHours(-hours));
        (await call).IsSuccessStatusCode.ShouldBeTrue();

        world.Exchange.Requests.Count(request => request.Code == -1021).ShouldBe(0);
        world.Exchange.Orders.Count.ShouldBe(4);
    }, exchange: options => options.Latency = TimeSpan.FromMilliseconds(20));

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public Task An_order_in_doubt_is_settled_rightly_across_a_step_of_the_machines_own_clock(int hours) => RunAsync(async world =>
    {
        await TradeAsync(world, "before");
        world.Exchange.Faults.Next(PlaceOrder, Fault.DropBeforeExecute, Fault.ExecuteThenDrop);

        var first = Should.ThrowAsync<ExchangeErrorException>(() => world.Http.PostAsync(SimulatedFixture.Market("lost"), null));
        await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
        StepLocalClock(world, TimeSpan.FromHours(hours));
        using var kept = await world.Http.PostAsync(SimulatedFixture.Market("kept"), null);
        var lost = await first;

        lost.Error.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        await kept.ShouldBeTheExchangesOrderAsync(world.Exchange, "kept");
        world.Exchange.ExecutionsOf("lost").ShouldBeEmpty();
        world.Time.Elapsed.ShouldBeGreaterThan(TimeSpan.FromSeconds(15), "proof takes receive window and settle margin, whatever the wall clock says");
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_order_is_not_proved_absent_because_the_exchanges_time_steps_forward_during_the_search(bool onlyAsTold)
    {
        var told = TimeSpan.Zero;
        using var world = new SimulatedFixture(
            static options => options.TrustedInnerHandlers.Add(typeof(WrongTime).FullName!),
            exchange: static options => options.QueryLag = TimeSpan.FromSeconds(9),
            wire: exchange => new WrongTime(() => told) { InnerHandler = exchange });
        await world.Time.RunAsync(async () =>
        {
            world.Exchange.Faults.Next(PlaceOrder, Fault.ExecuteThenDrop);
            var call = world.Http.PostAsync(SimulatedFixture.Market("lost"), null);
            await PassAsync(world, TimeSpan.FromMilliseconds(100));
            if (onlyAsTold)
            {
                told = TimeSpan.FromSeconds(20);
            }
            else
            {
                world.Exchange.Clock.Step(TimeSpan.FromSeconds(20));
            }

            using var reply = await call;
            await reply.ShouldBeTheExchangesOrderAsync(world.Exchange, "lost");
        });
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public Task A_step_of_the_machines_own_clock_opens_no_ban_early_and_prolongs_none(int hours) => RunAsync(async world =>
    {
        await TradeAsync(world, "before");
        world.Exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.Ban(TimeSpan.FromMinutes(3), retryAfter: false));
        var banned = world.Time.Elapsed;

        var first = world.Http.GetAsync(Price);
        await Task.Delay(TimeSpan.FromSeconds(30), world.Time);
        StepLocalClock(world, TimeSpan.FromHours(hours));
        using var second = await world.Http.GetAsync(Balance);
        using var reply = await first;

        (second.IsSuccessStatusCode, reply.IsSuccessStatusCode).ShouldBe((true, true));
        world.Exchange.SentIntoHold.ShouldBeEmpty();
        (world.Time.Elapsed - banned).ShouldBeInRange(TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(3.5));
    }, options => (options.TotalTimeout, options.MaxWait) = (TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10)));

    [Theory]
    [MemberData(nameof(UselessTimes))]
    public Task A_time_endpoint_that_fails_does_not_stop_trading(string trouble) => RunAsync(async world =>
    {
        world.Exchange.Faults.Plan = FaultPlan.Custom(request => request.Path == "/fapi/v1/time" ? TroubleOf(trouble) : null);

        await TradeAsync(world, "t1");
        await TradeAsync(world, "t2");

        world.Time.Elapsed.ShouldBe(TimeSpan.Zero);
    });

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"serverTime\":1}")]
    [InlineData("{\"serverTime\":-1767225600000}")]
    [InlineData("{\"serverTime\":99999999999999999999999}")]
    [InlineData("{\"serverTime\":\"soon\"}")]
    [InlineData("{\"serverTime\":17672256")]
    public async Task A_time_that_cannot_be_true_does_not_stop_trading(string time)
    {
        var clock = new ManualTimeProvider();
        var exchange = new ScriptedExchange()
            .On(AskTime, 200, time)
            .On(PlaceOrder, 200, "{\"orderId\":1}");
        using var client = new ProtectedClient(exchange, time: clock);

        using var response = await clock.RunAsync(() => client.Http.PostAsync(SimulatedFixture.Market("g1"), null));

        ((int)response.StatusCode).ShouldBe(200);
        var stamp = long.Parse(exchange.SeenAt(PlaceOrder).ShouldHaveSingleItem()["timestamp"]!, System.Globalization.CultureInfo.InvariantCulture);
        stamp.ShouldBe(clock.GetUtcNow().ToUnixTimeMilliseconds(), "the machine's own clock is the best there is");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_time_endpoint_that_never_answers_delays_trading_but_does_not_stop_it(bool drips) => RunAsync(async world =>
    {
        world.Exchange.Faults.Plan = FaultPlan.Custom(request => request.Path == "/fapi/v1/time" ? drips ? Fault.Drip() : Fault.Silence : null);

        for (var number = 0; number < 20; number++)
        {
            await TradeAsync(world, $"s{number}");
        }

        world.Time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20), "not every order waits for it");
    });

    [Fact]
    public Task A_time_endpoint_that_fails_while_a_clock_is_to_be_healed_returns_the_error_with_its_meaning() => RunAsync(async world =>
    {
        await TradeAsync(world, "before");
        await PassAsync(world, TimeSpan.FromSeconds(20));
        world.Exchange.Clock.Step(TimeSpan.FromSeconds(7));
        world.Exchange.Faults.Plan = FaultPlan.Custom(request => request.Path == "/fapi/v1/time" ? TroubleOf("500") : null);

        using var failed = await world.Http.PostAsync(SimulatedFixture.Market("h1"), null);
        var error = failed.GetExchangeError().ShouldNotBeNull();
        error.Code.ShouldBe(-1021);
        error.Execution.ShouldBe(ExecutionStatus.NotExecuted);

        // As soon as the exchange tells the time again the next call is healed.
        world.Exchange.Faults.Clear();
        await TradeAsync(world, "h2");
        world.Exchange.ExecutionsOf("h1").ShouldBeEmpty();
    });

    /// <summary>One flow, so that manual time waits for the background work it started too.</summary>
    private static async Task RunAsync(
        Func<SimulatedFixture, Task> scenario, Action<ExchangeErrorHandlingOptions>? configure = null, Action<SimulatedExchangeOptions>? exchange = null)
    {
        using var world = new SimulatedFixture(configure, exchange: exchange);
        await world.Time.RunAsync(() => scenario(world));
    }

    private static FaultPlan RefusedStamps => FaultPlan.Custom(static request =>
        request.IsPlace ? Fault.RefuseWithCode(400, -1021, "Timestamp for this request is outside of the recvWindow.") : null);

    private static Fault TroubleOf(string trouble) => trouble switch
    {
        "500" => Fault.RefuseWithCode(500, null, "Internal"),
        "404" => Fault.HtmlReply(404),
        "html" => Fault.HtmlReply(200),
        "garbage" => Fault.RefuseWithCode(200, null, "What time is it?"),
        "cut off" => Fault.HalfBody,
        "reset" => Fault.DropBeforeExecute,
        "closed" => Fault.FinBeforeExecute,
        _ => throw new ArgumentOutOfRangeException(nameof(trouble), trouble, "No such trouble."),
    };

    private static async Task TradeAsync(SimulatedFixture world, string id)
    {
        using var response = await world.Http.PostAsync(SimulatedFixture.Market(id), null);
        await response.ShouldBePlainSuccessOfAsync(world.Exchange, id);
    }

    private static Task PassAsync(SimulatedFixture world, TimeSpan time) => Task.Delay(time, world.Time);

    /// <summary>The machine's wall clock alone: the exchange's goes on as before.</summary>
    private static void StepLocalClock(SimulatedFixture world, TimeSpan step)
    {
        world.Time.StepWallClock(step);
        world.Exchange.Clock.Step(-step);
    }

    /// <summary>An exchange whose time endpoint alone is wrong.</summary>
    private sealed class WrongTime(Func<TimeSpan> ahead) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var reply = await base.SendAsync(request, cancellationToken);
            if (ahead() is var step && step > TimeSpan.Zero && request.RequestUri?.AbsolutePath == "/fapi/v1/time")
            {
                var time = JsonDocument.Parse(await reply.Content.ReadAsStringAsync(cancellationToken)).RootElement.GetProperty("serverTime").GetInt64();
                reply.Content = new StringContent(FormattableString.Invariant($"{{\"serverTime\":{time + (long)step.TotalMilliseconds}}}"), Encoding.UTF8, "application/json");
            }

            return reply;
        }
    }
}
