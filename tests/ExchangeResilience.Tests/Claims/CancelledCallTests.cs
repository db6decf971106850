using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Claims;

/// <summary>A caller who cancels, or whose program ends, learns whether anything had left, and what had left is not forgotten.</summary>
public sealed class CancelledCallTests
{
    [Theory]
    [InlineData("mine")]
    [InlineData("")]
    public async Task Cancelled_after_it_was_sent_an_order_is_unknown_and_named(string id)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);

        var told = await world.Time.RunAsync(() => PlaceAsync(world, id, TimeSpan.FromSeconds(1)));

        told.Thrown.ShouldBeAssignableTo<OperationCanceledException>();
        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        told.ClientOrderId.ShouldBe(world.Exchange.Seen(ExchangeLooks.Place).Single().Parameters["newClientOrderId"]);
    }

    [Theory]
    [InlineData("mine")]
    [InlineData("")]
    public async Task Cancelled_while_a_handler_above_waits_for_its_next_try_an_order_in_doubt_is_unknown_and_named(string id)
    {
        using var world = new SimulatedFixture(
            static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(1),
            outer: static builder => builder.AddHttpMessageHandler(static services => new WaitsAfterFailure(services.GetRequiredService<TimeProvider>())));
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context is { Method: "GET", Path: "/fapi/v1/order" } ? Fault.Unavailable : null);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var told = await world.Time.RunAsync(() => PlaceAsync(world, id, TimeSpan.FromSeconds(10)));

        told.Thrown.ShouldBeAssignableTo<OperationCanceledException>();
        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        told.ClientOrderId.ShouldBe(world.Exchange.Orders.Single().ClientOrderId);
    }

    [Fact]
    public async Task The_claim_of_a_cancelled_call_stays_and_its_verdict_is_given_to_the_next_caller()
    {
        using var world = new SimulatedFixture(exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(4));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);

        var (inDoubt, next) = await world.Time.RunAsync(async () =>
        {
            await PlaceAsync(world, "a", TimeSpan.FromSeconds(1));
            var inDoubt = world.Client.Get<IInDoubtOrders>().List().Count;
            await Task.Delay(TimeSpan.FromMinutes(1), world.Time);
            return (inDoubt, await PlaceAsync(world, "a"));
        });

        inDoubt.ShouldBe(1);
        next.Execution.ShouldBe(ExecutionStatus.Executed);
        next.Body.ShouldContain("\"clientOrderId\":\"a\"");
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Cancelled_while_it_is_being_reconciled_an_order_is_unknown_and_found_for_the_next_caller()
    {
        using var world = new SimulatedFixture(exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(4));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecutedTimeout503);

        var (cancelled, next) = await world.Time.RunAsync(async () => (await PlaceAsync(world, "a", TimeSpan.FromSeconds(1)), await PlaceAsync(world, "a")));

        cancelled.Execution.ShouldBe(ExecutionStatus.Unknown);
        cancelled.ClientOrderId.ShouldBe("a");
        next.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Cancelled_and_never_executed_an_order_may_be_sent_anew_once_that_is_proved()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SilenceBeforeExecute);
        List<InDoubtSettledEventArgs> settled = [];
        world.Client.Get<IInDoubtOrders>().Settled += (_, settlement) => settled.Add(settlement);

        var next = await world.Time.RunAsync(async () =>
        {
            await PlaceAsync(world, "a", TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMinutes(1), world.Time);
            return await PlaceAsync(world, "a", quantity: 0.002m);
        });

        settled.Single().Execution.ShouldBe(ExecutionStatus.NotExecuted);
        next.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Single().Quantity.ShouldBe(0.002m);
    }

    [Fact]
    public async Task Cancelled_while_it_waits_for_a_hold_nothing_was_sent_and_nothing_is_claimed()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next("GET /fapi/v1/openOrders", Fault.TooManyRequests(TimeSpan.FromSeconds(3)));

        var (cancelled, inDoubt, other) = await world.Time.RunAsync(async () =>
        {
            var query = Told.HearAsync(world.Http.GetAsync("/fapi/v1/openOrders?symbol=BTCUSDT"));
            await Task.Delay(TimeSpan.FromMilliseconds(500), world.Time);
            var cancelled = await PlaceAsync(world, "a", TimeSpan.FromSeconds(1));
            var inDoubt = world.Client.Get<IInDoubtOrders>().List().Count;
            await query;
            return (cancelled, inDoubt, await PlaceAsync(world, "a", quantity: 0.002m));
        });

        cancelled.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        cancelled.ClientOrderId.ShouldBe("a");
        cancelled.Thrown.ShouldBeAssignableTo<OperationCanceledException>();
        inDoubt.ShouldBe(0);
        other.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Cancelled_from_the_start_nothing_is_sent_and_nothing_is_claimed()
    {
        using var world = new SimulatedFixture();
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        var (told, other) = await world.Time.RunAsync(async () => (
            await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null, cancelled.Token)),
            await PlaceAsync(world, "a", quantity: 0.002m)));

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        other.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_joined_call_that_is_cancelled_takes_nothing_from_the_others()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromSeconds(3)));

        var (owner, joined) = await world.Time.RunAsync(async () =>
        {
            var owner = PlaceAsync(world, "a");
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            var joined = await PlaceAsync(world, "a", TimeSpan.FromSeconds(1));
            return (await owner, joined);
        });

        joined.Execution.ShouldBe(ExecutionStatus.Unknown);
        joined.ClientOrderId.ShouldBe("a");
        owner.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_joined_call_hears_the_verdict_when_the_owner_is_cancelled()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);

        var (owner, joined) = await world.Time.RunAsync(async () =>
        {
            var owner = PlaceAsync(world, "a", TimeSpan.FromSeconds(1));
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            var joined = PlaceAsync(world, "a");
            return (await owner, await joined);
        });

        owner.Execution.ShouldBe(ExecutionStatus.Unknown);
        joined.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_cancelled_setting_that_was_sent_is_unknown()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next("POST /fapi/v1/leverage", Fault.Silence);

        var told = await world.Time.RunAsync(async () =>
        {
            using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1), world.Time);
            return await Told.HearAsync(world.Http.PostAsync("/fapi/v1/leverage?symbol=BTCUSDT&leverage=5", content: null, cancel.Token));
        });

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        told.ClientOrderId.ShouldBeNull();
    }

    [Theory]
    [InlineData("429")]
    [InlineData("-1008")]
    public async Task An_order_that_waits_to_be_sent_again_while_the_program_ends_was_not_executed(string refusal)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, refusal == "429" ? Fault.TooManyRequests(TimeSpan.FromSeconds(3)) : Fault.Throttled);

        var told = await world.Time.RunAsync(async () =>
        {
            var order = PlaceAsync(world, "a");
            await Task.Delay(TimeSpan.FromMilliseconds(50), world.Time);
            world.Client.End();
            return await order;
        });

        told.Thrown.ShouldBeOfType<ExchangeErrorException>();
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.ClientOrderId.ShouldBe("a");
        world.Exchange.Orders.ShouldBeEmpty();
    }

    private static async Task<Told> PlaceAsync(SimulatedFixture world, string id, TimeSpan? cancelAfter = null, decimal quantity = 0.001m)
    {
        using var cancel = cancelAfter is { } after ? new CancellationTokenSource(after, world.Time) : new CancellationTokenSource();
        return await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(id, quantity), content: null, cancel.Token));
    }

    /// <summary>A retry above that pauses for a minute before it would try again.</summary>
    private sealed class WaitsAfterFailure(TimeProvider time) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            try
            {
                return await base.SendAsync(request, cancellationToken);
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMinutes(1), time, cancellationToken);
                throw;
            }
        }
    }
}
