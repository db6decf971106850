using System.Globalization;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Orders;

/// <summary>Amendments whose reply was lost, and two of one order at once.</summary>
public sealed class AmendTests
{
    private const string History = "GET /fapi/v1/orderAmendment";

    [Theory]
    [InlineData("origClientOrderId")]
    [InlineData("orderId")]
    public async Task A_lost_amendment_is_found_in_the_history_and_not_repeated(string by)
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.ExecuteThenDrop);

        var told = await AmendAsync(world, 41_000, by == "orderId" ? $"orderId={world.Exchange.Orders[0].OrderId}" : "origClientOrderId=a");

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        told.Status.ShouldBe(200);
        told.Body.ShouldContain("\"price\":\"41000\"");
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(1);
        world.Exchange.Seen(History).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_lost_amendment_is_answered_with_the_order_that_it_changed_though_queries_still_show_an_older_one_of_the_id(bool isPlacedHere)
    {
        using var world = await RestingAsync();
        using var another = world.NewClient();
        world.Exchange.Fill(world.Exchange.Orders[0].OrderId);
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(1), world.Time));
        world.Exchange.Options.QueryLag = TimeSpan.FromSeconds(9);
        (await world.Time.RunAsync(() => Told.HearAsync(PostAsync(world, 39_000)))).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.ExecuteThenDrop);

        var told = await world.Time.RunAsync(() => Told.HearAsync(PutAsync(isPlacedHere ? world.Http : another.Http, 41_000)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Body.ShouldContain(world.Exchange.Orders[1].OrderId.ToString(CultureInfo.InvariantCulture));
        told.Body.ShouldNotContain(world.Exchange.Orders[0].OrderId.ToString(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_equal_amendment_of_the_same_second_under_the_other_id_is_not_taken_for_a_lost_one(bool isLostByClientId)
    {
        using var world = await RestingAsync();
        var byOrder = $"orderId={world.Exchange.Orders[0].OrderId}";
        var (before, lost) = isLostByClientId ? (byOrder, "origClientOrderId=a") : ("origClientOrderId=a", byOrder);
        foreach (var price in new[] { 41_000, 42_000 })
        {
            (await AmendAsync(world, price, before)).Execution.ShouldBe(ExecutionStatus.Executed);
            await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMilliseconds(200), world.Time));
        }

        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.DropBeforeExecute);

        (await AmendAsync(world, 41_000, lost)).Execution.ShouldBe(ExecutionStatus.NotExecuted);
    }

    [Fact]
    public async Task A_lost_amendment_that_another_has_followed_since_is_found_in_the_history()
    {
        using var world = await RestingAsync();
        using var another = world.NewClient();
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Next(ExchangeLooks.Look, Fault.HtmlReply(502));

        var told = await world.Time.RunAsync(async () =>
        {
            var call = Told.HearAsync(PutAsync(world.Http, 41_000));
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            (await Told.HearAsync(PutAsync(another.Http, 42_000))).Execution.ShouldBe(ExecutionStatus.Executed);
            return await call;
        });

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders[0].Price.ShouldBe(42_000);
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_history_that_cannot_be_read_counts_for_nothing_and_is_asked_again()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Next(History, Fault.HtmlReply(502));

        var told = await AmendAsync(world, 41_000);

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(History).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_lost_amendment_that_cancelled_the_order_is_found()
    {
        using var world = await RestingAsync(quantity: 0.005m);
        world.Exchange.Fill(world.Exchange.Orders[0].OrderId, 0.003m);
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.ExecuteThenDrop);

        var told = await world.Time.RunAsync(() => Told.HearAsync(PutAsync(world.Http, 40_000, "0.002")));

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        told.Body.ShouldContain("\"status\":\"CANCELED\"");
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_amendment_that_never_arrived_is_proved_so_by_the_unchanged_order()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.DropBeforeExecute);
        var began = world.Time.Elapsed;

        var told = await AmendAsync(world, 41_000);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        (world.Time.Elapsed - began).ShouldBeGreaterThan(TimeSpan.FromSeconds(15));
        world.Exchange.Orders[0].Price.ShouldBe(40_000);
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_amendment_the_engine_takes_late_is_found_whatever_was_seen_before()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.LateAccept(TimeSpan.FromSeconds(4)));

        var told = await AmendAsync(world, 41_000);

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_second_amendment_leaves_only_after_the_first_has_ended()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.SlowEngine(TimeSpan.FromSeconds(2)));

        var (first, second) = await BothAsync(world);

        first.Execution.ShouldBe(ExecutionStatus.Executed);
        second.Execution.ShouldBe(ExecutionStatus.Executed, second.ToString());
        var sent = world.Exchange.Seen(ExchangeLooks.Amend);
        (sent[1].Elapsed - sent[0].Elapsed).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(2));
        world.Exchange.Orders[0].Price.ShouldBe(42_000);
    }

    [Fact]
    public async Task A_second_amendment_waits_for_one_in_doubt_and_leaves_when_that_is_found()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Next(ExchangeLooks.Look, Fault.HtmlReply(502), Fault.HtmlReply(502));

        var (first, second) = await BothAsync(world);

        first.Execution.ShouldBe(ExecutionStatus.Executed);
        second.Execution.ShouldBe(ExecutionStatus.Executed, second.ToString());
        world.Exchange.Orders[0].Price.ShouldBe(42_000);
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_second_amendment_whose_time_is_up_before_the_first_has_ended_is_refused_unsent()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.DropBeforeExecute);

        var (first, second) = await BothAsync(world);

        first.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        second.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        second.Error.ShouldNotBeNull().Name.ShouldBe("AMENDMENT_UNDER_WAY");
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Cancelled_while_it_waits_for_another_an_amendment_was_not_sent()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.SlowEngine(TimeSpan.FromSeconds(3)));

        var second = await world.Time.RunAsync(async () =>
        {
            var first = Told.HearAsync(PutAsync(world.Http, 41_000));
            using var cancel = new CancellationTokenSource(TimeSpan.FromSeconds(1), world.Time);
            var told = await Told.HearAsync(world.Http.PutAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price=42000&origClientOrderId=a", content: null, cancel.Token));
            await first;
            return told;
        });

        second.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_same_amendment_twice_at_once_is_one()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.SlowEngine(TimeSpan.FromSeconds(2)));

        var told = await world.Time.RunAsync(() => Task.WhenAll(Told.HearAsync(PutAsync(world.Http, 41_000)), Told.HearAsync(PutAsync(world.Http, 41_000))));

        told.ShouldAllBe(static each => each.Execution == ExecutionStatus.Executed);
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Amendments_of_different_orders_do_not_wait_for_each_other()
    {
        using var world = await RestingAsync();
        await world.Time.RunAsync(() => world.Http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000&newClientOrderId=b", content: null));
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.SlowEngine(TimeSpan.FromSeconds(2)));

        await world.Time.RunAsync(() => Task.WhenAll(Told.HearAsync(PutAsync(world.Http, 41_000)), Told.HearAsync(PutAsync(world.Http, 41_000, id: "origClientOrderId=b"))));

        var sent = world.Exchange.Seen(ExchangeLooks.Amend);
        sent[1].Elapsed.ShouldBe(sent[0].Elapsed);
    }

    [Fact]
    public async Task One_that_followed_under_the_orders_other_id_makes_a_repeat_a_new_amendment()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.ExecuteThenDrop);

        (await AmendAsync(world, 41_000)).Execution.ShouldBe(ExecutionStatus.Executed);
        (await AmendAsync(world, 42_000, $"orderId={world.Exchange.Orders[0].OrderId}")).Execution.ShouldBe(ExecutionStatus.Executed);
        (await AmendAsync(world, 41_000)).Execution.ShouldBe(ExecutionStatus.Executed);

        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(3);
        world.Exchange.Orders[0].Price.ShouldBe(41_000);
    }

    [Theory]
    [InlineData("-1008", "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")]
    [InlineData("-1008", "/fapi/v1/allOpenOrders?symbol=BTCUSDT")]
    [InlineData("429", "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")]
    public async Task An_amendment_that_waits_to_be_sent_again_does_not_reach_an_order_placed_after_a_cancel(string refusal, string cancel)
    {
        using var world = await RestingAsync();
        world.Exchange.Options.Latency = TimeSpan.FromMilliseconds(20);
        world.Exchange.Faults.Next(ExchangeLooks.Amend, refusal == "429" ? [Fault.TooManyRequests(TimeSpan.FromSeconds(1))] : [Fault.Throttled, Fault.Throttled, Fault.Throttled]);

        var (amended, cancelled, newer) = await world.Time.RunAsync(async () =>
        {
            var amend = Told.HearAsync(PutAsync(world.Http, 41_000));
            await Task.Delay(TimeSpan.FromMilliseconds(50), world.Time);
            var cancelled = await Told.HearAsync(world.Http.DeleteAsync(cancel));
            var newer = await Told.HearAsync(PostAsync(world, 39_000));
            return (await amend, cancelled, newer);
        });

        cancelled.Execution.ShouldBe(ExecutionStatus.Executed);
        newer.Execution.ShouldBe(ExecutionStatus.Executed);
        amended.Execution.ShouldBe(ExecutionStatus.NotExecuted, amended.ToString());
        world.Exchange.ExecutionsOf("a").Select(static order => (order.Status, order.Price)).ShouldBe([("CANCELED", 40_000m), ("NEW", 39_000m)]);
    }

    [Fact]
    public async Task A_view_of_the_order_from_before_the_amendment_is_no_evidence_of_it()
    {
        using var world = await RestingAsync();
        world.Exchange.Options.ChangeLag = TimeSpan.FromSeconds(2);
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.None, Fault.DropBeforeExecute);

        (await AmendAsync(world, 39_000)).Execution.ShouldBe(ExecutionStatus.Executed);
        var told = await AmendAsync(world, 40_000);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted, told.ToString());
        world.Exchange.Orders[0].Price.ShouldBe(39_000);
    }

    [Fact]
    public async Task Nor_is_an_older_order_of_the_same_id_that_queries_still_show()
    {
        using var world = await RestingAsync();
        world.Exchange.Fill(world.Exchange.Orders[0].OrderId);
        world.Exchange.Options.QueryLag = TimeSpan.FromSeconds(3);
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.DropBeforeExecute);

        var told = await world.Time.RunAsync(async () =>
        {
            await Task.Delay(TimeSpan.FromMinutes(2), world.Time);
            (await Told.HearAsync(PostAsync(world, 39_000))).Execution.ShouldBe(ExecutionStatus.Executed);
            return await Told.HearAsync(PutAsync(world.Http, 40_000));
        });

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted, told.ToString());
        world.Exchange.ExecutionsOf("a")[^1].Price.ShouldBe(39_000);
    }

    [Theory]
    [InlineData(AfterProvenAbsent.Report)]
    [InlineData(AfterProvenAbsent.Resend)]
    public async Task An_amendment_in_doubt_is_judged_by_its_own_order_although_a_newer_one_bears_the_id(AfterProvenAbsent afterProvenAbsent)
    {
        using var world = await RestingAsync(configure: options => (options.AfterProvenAbsent, options.SendBefore) = (afterProvenAbsent, TimeSpan.FromSeconds(25)));
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.Silence);

        var told = await world.Time.RunAsync(async () =>
        {
            var amend = Told.HearAsync(PutAsync(world.Http, 41_000));
            await Task.Delay(TimeSpan.FromSeconds(2), world.Time);
            world.Exchange.Fill(world.Exchange.Orders[0].OrderId);
            (await Told.HearAsync(PostAsync(world, 39_000))).Execution.ShouldBe(ExecutionStatus.Executed);
            return await amend;
        });

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(1);
        world.Exchange.ExecutionsOf("a").Select(static order => order.Price).ShouldBe([41_000, 39_000]);
    }

    private static Task<(Told First, Told Second)> BothAsync(SimulatedFixture world) => world.Time.RunAsync(async () =>
    {
        var first = Told.HearAsync(PutAsync(world.Http, 41_000));
        await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
        var second = Told.HearAsync(PutAsync(world.Http, 42_000));
        return (await first, await second);
    });

    private static Task<Told> AmendAsync(SimulatedFixture world, int price, string id = "origClientOrderId=a") =>
        world.Time.RunAsync(() => Told.HearAsync(PutAsync(world.Http, price, id: id)));

    private static Task<HttpResponseMessage> PutAsync(HttpClient http, int price, string quantity = "0.001", string id = "origClientOrderId=a") =>
        http.PutAsync(FormattableString.Invariant($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity={quantity}&price={price}&{id}"), content: null);

    private static Task<HttpResponseMessage> PostAsync(SimulatedFixture world, int price, decimal quantity = 0.001m) =>
        world.Http.PostAsync(FormattableString.Invariant($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity={quantity}&price={price}&newClientOrderId=a"), content: null);

    private static async Task<SimulatedFixture> RestingAsync(decimal quantity = 0.001m, Action<ExchangeErrorHandlingOptions>? configure = null)
    {
        var world = new SimulatedFixture(configure);
        await world.Time.RunAsync(async () =>
        {
            var told = await Told.HearAsync(PostAsync(world, 40_000, quantity));
            told.Execution.ShouldBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromSeconds(20), world.Time);
        });
        return world;
    }
}
