using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Claims;

/// <summary>Who may send what while an order of the same name is under way, in doubt, or settled and not yet heard of.</summary>
public sealed class ClaimRulesTests
{
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task A_repeat_joins_the_order_in_flight_and_gets_the_same_reply()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromSeconds(2)));

        var (first, repeat) = await world.Time.RunAsync(() => BothAsync(world, SimulatedFixture.Market("a"), SimulatedFixture.Market("a")));

        first.Execution.ShouldBe(ExecutionStatus.Executed);
        repeat.Execution.ShouldBe(ExecutionStatus.Executed);
        repeat.Body.ShouldBe(first.Body);
        repeat.Report.ShouldNotBeNull().Attempts.ShouldBe(0);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_repeat_of_a_rejected_order_in_flight_is_told_the_rejection()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromSeconds(7)));

        var (first, repeat) = await world.Time.RunAsync(() => BothAsync(world, SimulatedFixture.Market("a"), SimulatedFixture.Market("a")));

        first.Error.ShouldNotBeNull().Code.ShouldBe(-5028);
        repeat.Error.ShouldNotBeNull().Code.ShouldBe(-5028);
        repeat.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        repeat.Body.ShouldBe(first.Body);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Order_of_parameters_and_old_signatures_do_not_make_another_request()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromSeconds(2)));

        var (_, repeat) = await world.Time.RunAsync(() => BothAsync(
            world,
            "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=a",
            "/fapi/v1/order?newClientOrderId=a&quantity=0.001&type=MARKET&timestamp=1&side=BUY&recvWindow=4000&symbol=BTCUSDT&signature=0"));

        repeat.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("quantity=0.002")]
    [InlineData("quantity=0.001&positionSide=LONG")]
    public async Task Another_request_under_the_id_of_one_in_flight_is_refused_unsent(string terms)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromSeconds(2)));

        var (first, other) = await world.Time.RunAsync(() => BothAsync(world, SimulatedFixture.Market("a"), $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&{terms}&newClientOrderId=a"));

        first.Execution.ShouldBe(ExecutionStatus.Executed);
        other.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        other.Error.ShouldNotBeNull().Name.ShouldBe("CLIENT_ORDER_ID_IN_USE");
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Another_request_under_the_id_of_one_in_doubt_is_refused_unsent()
    {
        using var world = InDoubt(static options => options.TotalTimeout = TimeSpan.FromSeconds(1));

        var told = await world.Time.RunAsync(async () =>
        {
            await PlaceAsync(world, "a");
            return await PlaceAsync(world, "a", 0.002m);
        });

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().Name.ShouldBe("CLIENT_ORDER_ID_IN_USE");
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task After_a_rejection_a_new_request_may_leave_under_the_id()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(400, -2019, "Margin is insufficient."));

        var (rejected, anew) = await world.Time.RunAsync(async () => (await PlaceAsync(world, "a"), await PlaceAsync(world, "a", 0.002m)));

        rejected.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        anew.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(2);
    }

    [Fact]
    public async Task After_proven_absence_a_new_request_may_leave_under_the_id()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);

        var (absent, anew) = await world.Time.RunAsync(async () => (await PlaceAsync(world, "a"), await PlaceAsync(world, "a")));

        absent.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        anew.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Queries_and_cancels_pass_while_an_order_of_that_id_is_in_doubt()
    {
        using var world = InDoubt(static options => options.TotalTimeout = TimeSpan.FromSeconds(1));
        await world.Time.RunAsync(() => PlaceAsync(world, "a"));
        var before = world.Exchange.Requests.Count;

        var (look, cancel) = await world.Time.RunAsync(async () => (
            await Told.HearAsync(world.Http.GetAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=b")),
            await Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=b"))));

        look.Error.ShouldNotBeNull().Code.ShouldBe(-2013);
        cancel.Error.ShouldNotBeNull().Code.ShouldBe(-2011);
        world.Exchange.Requests.Skip(before).Where(static request => request.Parameters.GetValueOrDefault("origClientOrderId") == "b").Select(static request => request.Method)
            .ShouldBe(["GET", "DELETE", "GET"], "the cancel's -2011 ends in a look of its own");
    }

    [Fact]
    public async Task The_applications_own_query_settles_an_order_in_doubt()
    {
        using var world = InDoubt(static options =>
        {
            options.TotalTimeout = TimeSpan.FromSeconds(1);

            // Ours would come much later.
            options.Reconciliation.FirstPause = TimeSpan.FromSeconds(20);
            options.Reconciliation.MaxPause = TimeSpan.FromSeconds(20);
        });
        List<InDoubtSettledEventArgs> settled = [];
        world.Client.Get<IInDoubtOrders>().Settled += (_, settlement) => settled.Add(settlement);

        var (look, again) = await world.Time.RunAsync(async () =>
        {
            await PlaceAsync(world, "a");
            await Task.Delay(Lag, world.Time);
            var look = await Told.HearAsync(world.Http.GetAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a"));
            return (look, await PlaceAsync(world, "a"));
        });

        look.Body.ShouldContain("\"clientOrderId\":\"a\"");
        settled.Count.ShouldBe(1);
        settled[0].Execution.ShouldBe(ExecutionStatus.Executed);
        settled[0].Evidence.ShouldContain("application");
        settled[0].Order.ShouldBe(new InDoubtOrder("BTCUSDT", "a", OperationKind.Place));
        world.Client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
        again.Execution.ShouldBe(ExecutionStatus.Executed);
        again.Body.ShouldBe(look.Body);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_absence_the_application_sees_settles_nothing()
    {
        using var world = InDoubt(static options =>
        {
            options.TotalTimeout = TimeSpan.FromSeconds(1);
            options.Reconciliation.FirstPause = TimeSpan.FromSeconds(20);
            options.Reconciliation.MaxPause = TimeSpan.FromSeconds(20);
        });

        await world.Time.RunAsync(async () =>
        {
            await PlaceAsync(world, "a");
            for (var look = 0; look < 5; look++)
            {
                (await Told.HearAsync(world.Http.GetAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a"))).Error.ShouldNotBeNull().Code.ShouldBe(-2013);
            }
        });

        world.Client.Get<IInDoubtOrders>().List().Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_order_without_an_id_that_equals_one_in_doubt_is_refused_as_unknown_and_told_which()
    {
        using var world = InDoubt(static options => options.TotalTimeout = TimeSpan.FromSeconds(1));

        var (first, equal) = await world.Time.RunAsync(async () => (await PlaceAsync(world, ""), await PlaceAsync(world, "")));

        first.Execution.ShouldBe(ExecutionStatus.Unknown);
        equal.Execution.ShouldBe(ExecutionStatus.Unknown);
        equal.Error.ShouldNotBeNull().Name.ShouldBe("EQUAL_ORDER_IN_DOUBT");
        equal.Thrown.ShouldNotBeNull().Message.ShouldContain(first.ClientOrderId.ShouldNotBeNull());
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("", 0.002)]
    [InlineData("own-id", 0.001)]
    public async Task An_order_that_differs_or_has_an_id_of_its_own_is_not_held_for_a_twin(string id, double quantity)
    {
        using var world = InDoubt(static options => options.TotalTimeout = TimeSpan.FromSeconds(1));

        var other = await world.Time.RunAsync(async () =>
        {
            await PlaceAsync(world, "");
            return await PlaceAsync(world, id, (decimal)quantity);
        });

        other.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Count.ShouldBe(2);
    }

    [Fact]
    public async Task As_many_in_doubt_as_allowed_let_no_new_order_leave_until_one_is_settled()
    {
        using var world = InDoubt(static options =>
        {
            options.TotalTimeout = TimeSpan.FromSeconds(1);
            options.Reconciliation.MaxInDoubt = 1;
        });

        var (refused, later) = await world.Time.RunAsync(async () =>
        {
            await PlaceAsync(world, "a");
            var refused = await PlaceAsync(world, "b");
            await Task.Delay(Lag * 2, world.Time);
            return (refused, await PlaceAsync(world, "b"));
        });

        refused.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        refused.Error.ShouldNotBeNull().Name.ShouldBe("TOO_MANY_IN_DOUBT");
        later.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Time_up_without_evidence_is_told_as_unknown_and_the_search_goes_on()
    {
        using var world = InDoubt(static options => options.TotalTimeout = TimeSpan.FromSeconds(1));
        var orders = world.Client.Get<IInDoubtOrders>();
        List<InDoubtSettledEventArgs> settled = [];
        orders.Settled += (_, settlement) => settled.Add(settlement);

        var (told, inDoubt, answer) = await world.Time.RunAsync(async () =>
        {
            var told = await PlaceAsync(world, "a");
            var inDoubt = orders.List();
            await Task.Delay(Lag * 2, world.Time);
            return (told, inDoubt, await PlaceAsync(world, "a"));
        });

        told.Thrown.ShouldBeOfType<ExchangeErrorException>().Error.Execution.ShouldBe(ExecutionStatus.Unknown);
        told.Report.ShouldNotBeNull().Elapsed.ShouldBe(TimeSpan.FromSeconds(1));
        inDoubt.ShouldBe([new InDoubtOrder("BTCUSDT", "a", OperationKind.Place)]);
        settled.Single().Execution.ShouldBe(ExecutionStatus.Executed);
        orders.List().ShouldBeEmpty();
        answer.Execution.ShouldBe(ExecutionStatus.Executed);
        answer.Body.ShouldContain("\"clientOrderId\":\"a\"");
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_verdict_is_handed_out_until_a_call_has_heard_it_and_then_the_id_is_free()
    {
        using var world = InDoubt(static options => options.TotalTimeout = TimeSpan.FromSeconds(1));

        var (heard, anew) = await world.Time.RunAsync(async () =>
        {
            await PlaceAsync(world, "a");
            await Task.Delay(Lag * 2, world.Time);
            return (await PlaceAsync(world, "a"), await PlaceAsync(world, "a", 0.002m));
        });

        heard.Report.ShouldNotBeNull().Attempts.ShouldBe(0);
        anew.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders.Select(static order => order.Quantity).ShouldBe([0.001m, 0.002m]);
    }

    [Fact]
    public async Task A_subscriber_that_throws_does_not_keep_the_verdict_from_anybody()
    {
        using var world = InDoubt(static options => options.TotalTimeout = TimeSpan.FromSeconds(1));
        var heard = 0;
        world.Client.Get<IInDoubtOrders>().Settled += static (_, _) => throw new InvalidOperationException("a fault of the application's");
        world.Client.Get<IInDoubtOrders>().Settled += (_, _) => heard++;

        var again = await world.Time.RunAsync(async () =>
        {
            await PlaceAsync(world, "a");
            await Task.Delay(Lag * 2, world.Time);
            return await PlaceAsync(world, "a");
        });

        again.Execution.ShouldBe(ExecutionStatus.Executed);
        heard.ShouldBe(1);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Without_a_key_an_unknown_stays_unknown_until_the_applications_own_evidence()
    {
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(time: time);
        exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        using var client = new ProtectedClient(exchange.CreateHandler(), time: time, signed: false);

        var (lost, stillInDoubt, again) = await time.RunAsync(async () =>
        {
            var lost = await Told.HearAsync(client.Http.SendAsync(NaiveSigning.Sign(HttpMethod.Post, SimulatedFixture.Market("a"), time)));
            await Task.Delay(TimeSpan.FromMinutes(5), time);
            var stillInDoubt = client.Get<IInDoubtOrders>().List().Count;
            (await Told.HearAsync(client.Http.SendAsync(NaiveSigning.Sign(HttpMethod.Get, "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a", time)))).Status.ShouldBe(200);
            return (lost, stillInDoubt, await Told.HearAsync(client.Http.SendAsync(NaiveSigning.Sign(HttpMethod.Post, SimulatedFixture.Market("a"), time))));
        });

        lost.Execution.ShouldBe(ExecutionStatus.Unknown);
        stillInDoubt.ShouldBe(1);
        again.Execution.ShouldBe(ExecutionStatus.Executed);
        exchange.Orders.Count.ShouldBe(1);
        exchange.Seen(ExchangeLooks.Look).Count.ShouldBe(1);
    }

    // The order executes, its reply is lost, and no query shows it for a while.
    private static SimulatedFixture InDoubt(Action<ExchangeErrorHandlingOptions> configure)
    {
        var world = new SimulatedFixture(
            options =>
            {
                options.AttemptTimeout = TimeSpan.FromSeconds(1);
                options.SendBefore = TimeSpan.FromSeconds(1);
                configure(options);
            },
            exchange: static exchange => exchange.QueryLag = Lag);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        return world;
    }

    private static Task<Told> PlaceAsync(SimulatedFixture world, string id, decimal quantity = 0.001m) =>
        Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market(id, quantity), content: null));

    // The second a while after the first.
    private static async Task<(Told First, Told Second)> BothAsync(SimulatedFixture world, string first, string second)
    {
        var earlier = Told.HearAsync(world.Http.PostAsync(first, content: null));
        await Task.Delay(TimeSpan.FromMilliseconds(500), world.Time);
        var later = await Told.HearAsync(world.Http.PostAsync(second, content: null));
        return (await earlier, later);
    }
}
