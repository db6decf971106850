using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Handling;

/// <summary>An order that cannot leave in its time does not leave at all.</summary>
public sealed class SendBeforeTests
{
    [Fact]
    public async Task No_attempt_of_an_order_starts_later_than_its_time()
    {
        using var world = new SimulatedFixture(static options => options.Policies["-1008"] = new ErrorPolicy { MaxAttempts = 20, BaseDelay = TimeSpan.FromMilliseconds(200), MaxDelay = TimeSpan.FromMilliseconds(200) });
        world.Exchange.Faults.Plan = FaultPlan.Custom(static request => request.IsPlace ? Fault.Unavailable : null);

        var told = await PlaceAsync(world, SimulatedFixture.Market("a"), TimeSpan.FromSeconds(1));

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        var sent = world.Exchange.Seen(ExchangeLooks.Place);
        sent.Count.ShouldBeGreaterThan(3);
        sent[^1].Elapsed.ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_wait_that_fits_is_waited_for()
    {
        using var world = await HeldAsync(TimeSpan.FromSeconds(3));

        var told = await PlaceAsync(world, SimulatedFixture.Market("a"), sendBefore: null);

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Time.Elapsed.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_wait_that_does_not_fit_fails_at_once_and_says_when_to_come_back()
    {
        using var world = await HeldAsync(TimeSpan.FromSeconds(3));
        var before = world.Time.Elapsed;

        var told = await PlaceAsync(world, SimulatedFixture.Market("a"), TimeSpan.FromSeconds(1));

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().RetryAt.ShouldNotBeNull().ShouldBeGreaterThan(world.Time.GetUtcNow() + TimeSpan.FromSeconds(2));
        world.Time.Elapsed.ShouldBe(before);
        world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_request_may_be_given_more_time_than_the_client()
    {
        using var world = await HeldAsync(TimeSpan.FromSeconds(8));

        var tooShort = await PlaceAsync(world, SimulatedFixture.Market("a"), sendBefore: null);
        var longEnough = await PlaceAsync(world, SimulatedFixture.Market("a"), TimeSpan.FromSeconds(12));

        tooShort.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        longEnough.Execution.ShouldBe(ExecutionStatus.Executed, longEnough.ToString());
    }

    [Fact]
    public async Task Queries_have_no_such_time()
    {
        using var world = await HeldAsync(TimeSpan.FromSeconds(3));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/fapi/v1/openOrders?symbol=BTCUSDT").SetSendBefore(TimeSpan.FromMilliseconds(100));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.SendAsync(request)));

        told.Status.ShouldBe(200);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_time_that_is_over_from_the_start_is_refused(int milliseconds)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "https://fapi.test/fapi/v1/order");

        Should.Throw<ArgumentOutOfRangeException>(() => request.SetSendBefore(TimeSpan.FromMilliseconds(milliseconds)));
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(6, false)]
    public async Task A_signer_that_is_reached_too_late_sends_nothing(int seconds, bool sent)
    {
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(time: time);
        using var client = WithLateSigner(exchange, time, TimeSpan.FromSeconds(seconds));

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        told.Execution.ShouldBe(sent ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted, told.ToString());
        exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(sent ? 1 : 0);
        client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(4, nameof(LaneState.Ramping))]
    [InlineData(6, nameof(LaneState.Probing))]
    public async Task An_order_that_its_signer_held_back_is_no_proof_that_a_hold_is_over(int seconds, string state)
    {
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(time: time);
        using var client = WithLateSigner(exchange, time, TimeSpan.FromSeconds(seconds));
        await time.RunAsync(() => Told.HearAsync(client.Http.GetAsync("/fapi/v1/openOrders?symbol=BTCUSDT")));
        exchange.Faults.Next("GET /fapi/v1/openOrders", Fault.Ban(TimeSpan.FromMinutes(5)));
        await time.RunAsync(() => Told.HearAsync(client.Http.GetAsync("/fapi/v1/openOrders?symbol=BTCUSDT")));
        await time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(6), time));

        await time.RunAsync(() => Told.HearAsync(client.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        client.Get<ExchangeServices>().Traffic.Snapshot().Single(static lane => lane.Lane == TrafficLane.Ip).State.ToString().ShouldBe(state);
    }

    private static ProtectedClient WithLateSigner(SimulatedExchange exchange, ManualTimeProvider time, TimeSpan delay) => new(
        exchange.CreateHandler(),
        static options => options.TrustedInnerHandlers.Add(typeof(Slow).FullName!),
        time,
        key: SimulatedExchangeOptions.DefaultApiKey,
        secret: SimulatedExchangeOptions.DefaultApiSecret,
        inner: builder => builder.AddHttpMessageHandler(() => new Slow(time, delay)));

    // Somebody else's query has met the hold.
    private static async Task<SimulatedFixture> HeldAsync(TimeSpan hold)
    {
        var world = new SimulatedFixture(static options => options.MaxWait = TimeSpan.FromMinutes(1));
        world.Exchange.Faults.Next("GET /fapi/v1/openOrders", Fault.TooManyRequests(hold));
        await world.Time.RunAsync(async () =>
        {
            using var giveUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(100), world.Time);
            await Should.ThrowAsync<OperationCanceledException>(() => world.Http.GetAsync("/fapi/v1/openOrders?symbol=BTCUSDT", giveUp.Token));
        });
        return world;
    }

    private static Task<Told> PlaceAsync(SimulatedFixture world, string order, TimeSpan? sendBefore) => world.Time.RunAsync(async () =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, order);
        if (sendBefore is { } before)
        {
            request.SetSendBefore(before);
        }

        return await Told.HearAsync(world.Http.SendAsync(request));
    });

    private sealed class Slow(TimeProvider time, TimeSpan delay) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Post)
            {
                await Task.Delay(delay, time, cancellationToken);
            }

            return await base.SendAsync(request, cancellationToken);
        }
    }
}
