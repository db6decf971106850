using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Claims;

/// <summary>What a later call makes of a client order id says nothing of an order or amendment that an earlier call meant.</summary>
public sealed class LaterOrderOfTheIdTests
{
    private const string Cancel = "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=id1";

    [Fact]
    public async Task A_retry_of_an_order_that_was_cancelled_is_told_of_that_order()
    {
        var time = new ManualTimeProvider();
        using var world = new SimulatedFixture(
            outer: builder => builder.AddHttpMessageHandler(() => new NaiveRetry(time, TimeSpan.FromSeconds(2), clones: false)),
            exchange: static options => options.QueryLag = TimeSpan.FromSeconds(6),
            time: time);
        world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.ExecuteThenDrop);
        HttpResponseMessage? first = null, second = null;

        await world.Time.RunAsync(async () =>
        {
            var placed = world.Http.PostAsync(Limit(), null);
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            (await Told.HearAsync(world.Http.DeleteAsync(Cancel))).Execution.ShouldBe(ExecutionStatus.Executed);
            second = await world.Http.PostAsync(Limit(), null);
            first = await placed;
        });

        (await IdOfAsync(first!)).ShouldBe(world.Exchange.Orders[0].OrderId);
        (await IdOfAsync(second!)).ShouldBe(world.Exchange.Orders[1].OrderId);
        world.Exchange.Orders.Select(static order => order.Status).ShouldBe(["CANCELED", "NEW"]);
    }

    [Fact]
    public async Task A_cancel_by_number_of_the_order_before_has_a_later_one_in_doubt_not_placed_again()
    {
        using var world = new SimulatedFixture();

        await world.Time.RunAsync(async () =>
        {
            var first = await IdOfAsync(await world.Http.PostAsync(Limit(), null));
            (await Told.HearAsync(world.Http.DeleteAsync(Cancel))).Execution.ShouldBe(ExecutionStatus.Executed);
            world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.ExecuteThenDrop);
            world.Exchange.Options.QueryLag = TimeSpan.FromSeconds(8);
            var second = Told.HearAsync(world.Http.PostAsync(Limit(), null));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            (await Told.HearAsync(world.Http.DeleteAsync($"/fapi/v1/order?symbol=BTCUSDT&orderId={first}"))).ToString();
            var repeat = Told.HearAsync(world.Http.PostAsync(Limit(), null));

            (await second).Execution.ShouldBe(ExecutionStatus.Executed);
            (await repeat).Execution.ShouldBe(ExecutionStatus.Executed);
        });

        world.Exchange.SeenAt(HeadlineChecks.PlaceOrder).Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_order_that_a_cancel_overtook_and_that_proved_absent_ends_with_that_proof(bool isPlacedAnew)
    {
        using var world = new SimulatedFixture(static options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.SendBefore = TimeSpan.FromSeconds(30);
            options.TotalTimeout = TimeSpan.FromSeconds(90);
        });
        world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.DropBeforeExecute);

        await world.Time.RunAsync(async () =>
        {
            var placed = Told.HearAsync(world.Http.PostAsync(Limit(), null));
            await Task.Delay(TimeSpan.FromSeconds(2), world.Time);
            (await Told.HearAsync(world.Http.DeleteAsync(Cancel))).ToString();
            if (isPlacedAnew)
            {
                (await Told.HearAsync(world.Http.PostAsync(Limit(), null))).ToString();
            }

            var told = await placed;
            // The one placed anew may leave in the very moment of that proof, and then answers for both.
            told.Execution.ShouldBeOneOf([ExecutionStatus.NotExecuted, .. isPlacedAnew ? [ExecutionStatus.Executed] : Array.Empty<ExecutionStatus>()]);
        });

        world.Time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(25));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(30)]
    public async Task An_amendment_that_never_arrived_is_proven_absent_though_a_later_order_bears_the_id(int secondsLater)
    {
        using var world = new SimulatedFixture();

        await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.PostAsync(Limit(), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            world.Exchange.Fill(world.Exchange.Orders[0].OrderId);
            world.Exchange.Faults.Next("PUT /fapi/v1/order", Fault.DropBeforeExecute);
            var amended = Told.HearAsync(world.Http.PutAsync(Amend(40_001), null));
            await Task.Delay(TimeSpan.FromSeconds(secondsLater), world.Time);
            (await Told.HearAsync(world.Http.PostAsync(Limit(), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            (await amended).Execution.ShouldNotBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromMinutes(1), world.Time);

            world.Client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
            (await Told.HearAsync(world.Http.PutAsync(Amend(40_002), null))).Execution.ShouldBe(ExecutionStatus.Executed);
        });

        world.Exchange.Orders[1].Price.ShouldBe(40_002m);
    }

    [Fact]
    public async Task An_amendment_on_its_way_does_not_reach_a_later_order_of_the_id()
    {
        using var world = new SimulatedFixture();

        await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.PostAsync(Limit(), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            world.Exchange.Fill(world.Exchange.Orders[0].OrderId);
            world.Exchange.Faults.Next("PUT /fapi/v1/order", Fault.LateAccept(TimeSpan.FromSeconds(2)));
            var amended = Told.HearAsync(world.Http.PutAsync(Amend(40_001), null));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            (await Told.HearAsync(world.Http.PostAsync(Limit(), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            (await amended).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        });

        world.Exchange.Orders[1].Price.ShouldNotBe(40_001m);
    }

    /// <summary>Queries that lag show the one before as the newest, and in the second of its window the one before that.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public async Task None_of_the_orders_that_had_the_id_a_moment_before_is_taken_for_one_that_was_lost(int before)
    {
        using var world = new SimulatedFixture();

        await world.Time.RunAsync(async () =>
        {
            await world.Http.GetAsync("/fapi/v1/time");
            for (var order = 0; order < before; order++)
            {
                (await Told.HearAsync(world.Http.PostAsync(Limit(), null))).Execution.ShouldBe(ExecutionStatus.Executed);
                (await Told.HearAsync(world.Http.DeleteAsync(Cancel))).Execution.ShouldBe(ExecutionStatus.Executed);

                // Only the first is shown so far.
                world.Exchange.Options.QueryLag = TimeSpan.FromMinutes(1);
            }

            world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.DropBeforeExecute);
            (await Told.HearAsync(world.Http.PostAsync(Limit(), null))).Execution.ShouldNotBe(ExecutionStatus.Executed);
        });
    }

    /// <summary>Of the two sends of one call, the first proved absent: the order is the second's.</summary>
    [Fact]
    public async Task An_amendment_of_an_order_that_a_handler_above_sent_again_is_told_by_that_order_though_later_ones_bear_the_id()
    {
        var isLost = true;
        var time = new ManualTimeProvider();
        using var world = new SimulatedFixture(outer: builder => builder.AddHttpMessageHandler(() => new NaiveRetry(time, TimeSpan.FromMinutes(1), clones: false)), time: time);
        world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.DropBeforeExecute);

        await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.PostAsync(Limit(), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            world.Exchange.Faults.Plan = FaultPlan.Custom(request => isLost && request.Method == "GET" ? Fault.DropBeforeExecute : null);
            world.Exchange.Faults.Next("PUT /fapi/v1/order", Fault.ExecuteThenDrop);
            var amended = Told.HearAsync(world.Http.PutAsync(Amend(40_001), null));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            (await Told.HearAsync(world.Http.DeleteAsync(Cancel))).Execution.ShouldBe(ExecutionStatus.Executed);
            (await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("id1"), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            isLost = false;

            (await amended).Execution.ShouldBe(ExecutionStatus.Executed);
        });
    }

    /// <summary>The order that it means is no longer there when it is sent again, and is not the one that has the id then.</summary>
    [Fact]
    public async Task An_amendment_that_a_handler_above_sends_again_after_a_cancel_is_looked_for_in_the_cancelled_order()
    {
        var time = new ManualTimeProvider();
        using var world = new SimulatedFixture(
            outer: builder => builder.AddHttpMessageHandler(() => new Meddling(async send =>
            {
                var first = await send();
                await Task.Delay(first.IsSuccessStatusCode ? TimeSpan.Zero : TimeSpan.FromSeconds(3), time);
                return first.IsSuccessStatusCode ? first : await send();
            })),
            time: time);
        world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Next("PUT /fapi/v1/order", Fault.RefuseWithCode(400, -1111, "Precision is over the maximum defined for this asset."), Fault.DropBeforeExecute);

        await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.PostAsync(Limit(), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            var amended = Told.HearAsync(world.Http.PutAsync(Amend(40_001), null));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            (await Told.HearAsync(world.Http.DeleteAsync(Cancel))).Execution.ShouldBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromSeconds(4), world.Time);
            (await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("id1"), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            (await amended).Execution.ShouldNotBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromMinutes(2), world.Time);
        });

        world.Exchange.Seen("PUT /fapi/v1/order").Count.ShouldBe(2);
        world.Client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_amendment_of_an_order_that_was_found_and_then_cancelled_ends_though_a_later_one_bears_the_id()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Next("PUT /fapi/v1/order", Fault.DropBeforeExecute);

        await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.PostAsync(Limit(), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            (await Told.HearAsync(world.Http.DeleteAsync(Cancel))).Execution.ShouldBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromSeconds(10), world.Time);
            var amended = Told.HearAsync(world.Http.PutAsync(Amend(40_001), null));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            (await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("id1"), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            (await amended).Execution.ShouldNotBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromMinutes(2), world.Time);
        });

        world.Client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_amendment_of_no_known_order_does_not_stop_those_of_a_later_one_for_good()
    {
        using var world = new SimulatedFixture();

        await world.Time.RunAsync(async () =>
        {
            world.Exchange.Faults.Next("PUT /fapi/v1/order", Fault.DropBeforeExecute);
            var amended = Told.HearAsync(world.Http.PutAsync(Amend(40_001), null));
            await Task.Delay(TimeSpan.FromMilliseconds(50), world.Time);
            (await Told.HearAsync(world.Http.PostAsync(Limit(), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            (await amended).Execution.ShouldNotBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromMinutes(5), world.Time);

            (await Told.HearAsync(world.Http.PutAsync(Amend(40_002), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            (await Told.HearAsync(world.Http.PutAsync(Amend(40_001), null))).Execution.ShouldBe(ExecutionStatus.Executed);
        });

        world.Exchange.Orders[0].Price.ShouldBe(40_001m);
    }

    [Theory]
    [InlineData(false, 61)]
    [InlineData(false, 300)]
    [InlineData(true, 61)]
    public async Task A_refusal_is_not_answered_by_the_order_before_that_was_sent_again_after_its_absence(bool isStopped, int seconds)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.DropBeforeExecute);
        (await BuyAsync(world)).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        (await BuyAsync(world)).Execution.ShouldBe(ExecutionStatus.Executed);
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(seconds), world.Time));
        world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.RefuseWithCode(400, -2019, "Margin is insufficient."));
        if (isStopped)
        {
            world.Client.Get<ITradingHalt>().StopOrders("ann", "drill");
        }

        var told = await BuyAsync(world);

        (told.Execution, told.Error?.Name).ShouldBe((ExecutionStatus.NotExecuted, isStopped ? "ORDERS_STOPPED" : "MARGIN_NOT_SUFFICIEN"), told.ToString());
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    private static Task<Told> BuyAsync(SimulatedFixture world) => world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), null)));

    private static string Limit() => "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=30002&newClientOrderId=id1";

    private static string Amend(int price) => FormattableString.Invariant($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.01&price={price}&origClientOrderId=id1");

    private static async Task<long> IdOfAsync(HttpResponseMessage response)
    {
        using var document = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.GetProperty("orderId").GetInt64();
    }
}
