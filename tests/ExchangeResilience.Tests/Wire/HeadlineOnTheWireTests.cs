using System.Diagnostics;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.Configuration;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.Wire;

/// <summary>The five headline behaviours through a typed client, real sockets and a real settings file.</summary>
public sealed class HeadlineOnTheWireTests
{
    private const string AskPrice = "GET /fapi/v1/ticker/price";
    private const string Unknown = "Execution status unknown.";

    [Fact]
    public async Task A_parameter_error_fails_at_once_with_code_meaning_and_advice()
    {
        await using var world = await WireFixture.StartAsync();

        using var response = await world.Http.PostAsync("/fapi/v1/order?symbol=NOPE&side=BUY&type=MARKET&quantity=1&newClientOrderId=p1", null);

        ((int)response.StatusCode).ShouldBe(400);
        var error = response.GetExchangeError().ShouldNotBeNull();
        (error.Code, error.Name, error.Message, error.Execution).ShouldBe((-1121, "BAD_SYMBOL", "Invalid symbol.", ExecutionStatus.NotExecuted));
        error.Advice.ShouldNotBeNullOrWhiteSpace();
        world.Exchange.SeenAt(PlaceOrder).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_request_told_1003_waits_and_then_succeeds(bool places)
    {
        await using var world = await WireFixture.StartAsync(
            options => (options.TotalTimeout, options.SendBefore) = (TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1)), new FastTime(), recvWindow: TimeSpan.FromMinutes(1));
        await WarmUpAsync(world);
        world.Exchange.Faults.Next(places ? PlaceOrder : AskPrice, Fault.TooManyRequests(TimeSpan.FromSeconds(1)));

        using var response = places ? await world.Http.PostAsync(SimulatedFixture.Market("r1"), null) : await world.Http.GetAsync(Price);

        ((int)response.StatusCode).ShouldBe(200);
        var sent = world.Exchange.SeenAt(places ? PlaceOrder : AskPrice);
        sent.Select(request => request.Status).ShouldBe([429, 200]);
        (sent[1].Elapsed - sent[0].Elapsed).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(1));
        world.Exchange.SentIntoHold.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_told_1008_backs_off_and_then_succeeds()
    {
        await using var world = await WireFixture.StartAsync();
        world.Exchange.Faults.Next(PlaceOrder, Fault.Throttled, Fault.Throttled);

        using var response = await world.Http.PostAsync(SimulatedFixture.Market("t1"), null);

        await response.ShouldBePlainSuccessOfAsync(world.Exchange, "t1");
        var sent = world.Exchange.SeenAt(PlaceOrder);
        sent.Select(request => request.Status).ShouldBe([503, 503, 200]);
        (sent[1].Elapsed - sent[0].Elapsed).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMilliseconds(200));
    }

    [Theory]
    [InlineData(7, true)]
    [InlineData(-7, true)]
    [InlineData(7, false)]
    [InlineData(-7, false)]
    public async Task A_stepped_clock_is_healed_inside_the_call(int seconds, bool places)
    {
        await using var world = await WireFixture.StartAsync(recvWindow: TimeSpan.FromSeconds(5));
        await WarmUpAsync(world);
        world.Exchange.Clock.Step(TimeSpan.FromSeconds(seconds));
        var before = world.Exchange.Requests.Count;

        using var response = places ? await world.Http.PostAsync(SimulatedFixture.Market("c1"), null) : await world.Http.GetAsync(Balance);

        ((int)response.StatusCode).ShouldBe(200);
        response.GetRecoveryReport().ShouldNotBeNull().Steps.ShouldContain(step => step.Kind == RecoveryStepKind.ClockMeasured);
        var sent = world.Exchange.Requests.Skip(before).Where(request => $"{request.Method} {request.Path}" == (places ? PlaceOrder : AskBalance)).ToList();
        sent.Select(attempt => attempt.Code).ShouldBe([-1021, 0]);
        sent.ShouldEachBeStampedAndSignedAfresh();
    }

    [Fact]
    public async Task Fifty_calls_that_meet_a_clock_step_together_are_all_healed()
    {
        await using var world = await WireFixture.StartAsync(recvWindow: TimeSpan.FromSeconds(5));
        await WarmUpAsync(world);
        world.Exchange.Clock.Step(TimeSpan.FromSeconds(-7));
        var before = world.Exchange.Requests.Count;

        var replies = await Task.WhenAll(Enumerable.Range(0, 50).Select(number =>
            number % 2 == 0 ? world.Http.PostAsync(SimulatedFixture.Market($"s{number}"), null) : world.Http.GetAsync(Balance)));

        replies.Count(reply => reply.IsSuccessStatusCode).ShouldBe(50);
        world.Exchange.Duplicates.ShouldBeEmpty();
        var sent = world.Exchange.Requests.Skip(before).ToList();
        sent.Where(request => $"{request.Method} {request.Path}" is PlaceOrder or AskBalance).ToList().ShouldEachBeStampedAndSignedOnce();

        // One measurement, or two where a call came too late for the first; each is a sample and a refinement of one more.
        sent.Count(request => $"{request.Method} {request.Path}" == AskTime).ShouldBeInRange(1, 4);
    }

    [Theory]
    [InlineData(503, -1006)]
    [InlineData(408, -1007)]
    public async Task An_executed_order_of_unknown_outcome_is_a_success_with_the_exchanges_own_words(int status, int code)
    {
        await using var world = await WireFixture.StartAsync();
        world.Exchange.Faults.Next(PlaceOrder, Fault.ExecuteThenReply(status, code, Unknown));

        using var response = await world.Http.PostAsync(SimulatedFixture.Market("u1"), null);

        await response.ShouldBeTheExchangesOrderAsync(world.Exchange, "u1");
        world.Exchange.SeenAt(PlaceOrder).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(503, -1006)]
    [InlineData(408, -1007)]
    public async Task An_order_of_unknown_outcome_that_was_never_executed_is_proven_absent(int status, int code)
    {
        await using var world = await WireFixture.StartAsync();
        world.Exchange.Faults.Next(PlaceOrder, Fault.RefuseWithCode(status, code, Unknown));

        using var response = await world.Http.PostAsync(SimulatedFixture.Market("u2"), null);

        ((int)response.StatusCode).ShouldBe(status);
        var error = response.GetExchangeError().ShouldNotBeNull();
        (error.Code, error.Execution).ShouldBe((code, ExecutionStatus.NotExecuted));
        world.Exchange.SeenAt(PlaceOrder).Count.ShouldBe(1);
        world.Exchange.SeenAt(AskOrder).Count.ShouldBeGreaterThanOrEqualTo(3);
    }

    [Fact]
    public async Task An_override_in_the_settings_file_takes_effect_without_a_restart_and_a_bad_one_changes_nothing()
    {
        using var file = new SettingsFile("""{ "Exchange": { "Policies": { "-1121": { "Action": "FailFast" } } } }""");
        using var configuration = (ConfigurationRoot)new ConfigurationBuilder().AddJsonFile(file.Path, optional: false, reloadOnChange: true).Build();
        await using var world = await WireFixture.StartAsync(section: configuration.GetSection("Exchange"));
        (await AttemptsAsync()).ShouldBe(1);

        file.Write("""{ "Exchange": { "Policies": { "-1121": { "Action": "Retry", "MaxAttempts": 3, "BaseDelay": "5ms" } } } }""");
        await UntilAsync(async () => await AttemptsAsync() == 3, "the first edit");

        file.Write("""{ "Exchange": { "Policies": { "-1121": { "Action": "Retry", "MaxAttempts": 99 } } } }""");
        await UntilAsync(() => world.Settings.LastReload is { Accepted: false }, "the refusal of the bad edit");
        (await AttemptsAsync()).ShouldBe(3, "the last good settings stay in force");

        file.Write("""{ "Exchange": { "Policies": { "-1121": { "Action": "Retry", "MaxAttempts": 2, "BaseDelay": "5ms" } } } }""");
        await UntilAsync(async () => await AttemptsAsync() == 2, "the next good edit");

        async Task<int> AttemptsAsync()
        {
            var before = world.Exchange.SeenAt(AskPrice).Count;
            using var response = await world.Http.GetAsync("/fapi/v1/ticker/price?symbol=NOPE");
            response.GetExchangeError().ShouldNotBeNull().Code.ShouldBe(-1121);
            return world.Exchange.SeenAt(AskPrice).Count - before;
        }
    }

    private static async Task WarmUpAsync(WireFixture world)
    {
        (await world.Http.GetAsync(Balance)).Dispose();
        await UntilAsync(() => world.Exchange.SeenAt(AskTime).Count(request => request.Status == 200) == 2, "the first sample and its refinement");
        await UntilAsync(() => world.Exchange.SeenAt(AskLimits).Count == 1, "the question for the limits");
    }

    private static Task UntilAsync(Func<bool> condition, string what) => UntilAsync(() => Task.FromResult(condition()), what);

    private static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(20), $"waiting for {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
