using System.Globalization;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>What counts as proof that an order took effect, or did not.</summary>
public sealed class ProofTests
{
    private const string Resting = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=40000&newClientOrderId=a";
    private static readonly TimeSpan ReceiveWindow = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan SettleMargin = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_lost_order_that_is_found_is_answered_with_the_exchanges_own_order()
    {
        using var world = Lossy(Fault.ExecuteThenDrop);

        var told = await PlaceAsync(world);

        told.Status.ShouldBe(200);
        told.Body.ShouldContain("\"status\":\"FILLED\"");
        told.Body.ShouldContain("\"clientOrderId\":\"a\"");
        told.Error.ShouldBeNull();
        var report = told.Report.ShouldNotBeNull();
        report.Execution.ShouldBe(ExecutionStatus.Executed);
        report.Evidence.ShouldNotBeNull().ShouldContain("client order id");
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_absent_order_is_proved_absent_by_three_answers_on_the_exchanges_clock()
    {
        using var world = Lossy(Fault.DropBeforeExecute);

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Thrown.ShouldBeOfType<ExchangeErrorException>();
        told.Report.ShouldNotBeNull().Evidence.ShouldNotBeNull().ShouldContain("absence");
        ShouldProveAbsence(world.Exchange);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_local_clock_that_is_wrong_by_an_hour_changes_nothing_about_the_proof(int hours)
    {
        using var world = Lossy(Fault.DropBeforeExecute);
        world.Exchange.Clock.Skew = TimeSpan.FromHours(hours);

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        ShouldProveAbsence(world.Exchange);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_local_clock_that_steps_by_an_hour_during_the_search_changes_nothing_about_the_proof(int hours)
    {
        using var world = Lossy(Fault.DropBeforeExecute);
        var step = TimeSpan.FromHours(hours);

        var told = await world.Time.RunAsync(async () =>
        {
            var call = Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null));
            await Task.Delay(TimeSpan.FromSeconds(2), world.Time);
            world.Time.StepWallClock(step);
            world.Exchange.Clock.Step(-step);
            return await call;
        });

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        ShouldProveAbsence(world.Exchange);
    }

    [Fact]
    public async Task Absence_is_never_proved_while_the_exchange_does_not_tell_its_time()
    {
        using var world = Lossy(Fault.DropBeforeExecute);
        await world.Time.RunAsync(() => world.Http.GetAsync("/fapi/v1/openOrders?symbol=BTCUSDT"));
        world.Exchange.Faults.Plan = FaultPlan.Custom(static request => request.Path == "/fapi/v1/time" ? Fault.HtmlReply(502) : null);
        var orders = world.Client.Get<IInDoubtOrders>();

        var told = await PlaceAsync(world);
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(10), world.Time));

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Exchange.Seen(ExchangeLooks.Look).Count.ShouldBeGreaterThan(10);
        orders.List().Count.ShouldBe(1);

        world.Exchange.Faults.Plan = FaultPlan.None;
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(5), world.Time));
        orders.List().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_order_the_engine_takes_late_but_in_its_window_is_found_whatever_was_answered_before()
    {
        using var world = Lossy(Fault.LateAccept(TimeSpan.FromSeconds(4.5)));

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Seen(ExchangeLooks.Look).Count(static look => look.Code == -2013).ShouldBeGreaterThan(3);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_order_taken_at_the_last_instant_and_shown_as_late_as_assumed_is_found()
    {
        using var world = Lossy(Fault.LateAccept(ReceiveWindow), exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(9.9));

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task An_order_that_reaches_the_engine_after_its_window_did_nothing()
    {
        using var world = Lossy(Fault.LateAccept(ReceiveWindow + TimeSpan.FromSeconds(1)));

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        world.Exchange.Orders.ShouldBeEmpty();
        ShouldProveAbsence(world.Exchange);
    }

    [Theory]
    [InlineData("FOK", 40_000)]
    [InlineData("GTX", 60_000)]
    public async Task An_order_refused_without_a_record_is_absent_and_that_is_the_truth(string timeInForce, int price)
    {
        using var world = Lossy(Fault.ExecuteThenDrop);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(
            FormattableString.Invariant($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce={timeInForce}&quantity=0.001&price={price}&newClientOrderId=a"), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        world.Exchange.Orders.ShouldBeEmpty();
        ShouldProveAbsence(world.Exchange);
    }

    [Fact]
    public async Task The_receive_window_the_caller_asks_for_bounds_the_doubt()
    {
        using var world = Lossy(Fault.DropBeforeExecute);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a", more: "&recvWindow=12000"), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        ShouldProveAbsence(world.Exchange, TimeSpan.FromSeconds(12));
    }

    [Fact]
    public async Task A_conditional_order_is_never_proved_absent()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next("POST /fapi/v1/algoOrder", Fault.DropBeforeExecute);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(
            "/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=0.001&triggerPrice=60000&clientAlgoId=a", content: null)));
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(20), world.Time));

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Client.Get<IInDoubtOrders>().List().Count.ShouldBe(1);
        world.Exchange.Seen("POST /fapi/v1/algoOrder").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_lost_conditional_order_is_found()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next("POST /fapi/v1/algoOrder", Fault.ExecuteThenDrop);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(
            "/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=0.001&triggerPrice=60000&clientAlgoId=a", content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Body.ShouldContain("\"clientAlgoId\":\"a\"");
        world.Exchange.Seen("POST /fapi/v1/algoOrder").Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_older_namesake_is_proof_of_nothing()
    {
        using var world = new SimulatedFixture();
        await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromMinutes(1), world.Time);
        });
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);

        var told = await PlaceAsync(world);
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(20), world.Time));

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Exchange.Seen("GET /fapi/v1/allOrders").Count.ShouldBeGreaterThan(3);
        world.Client.Get<IInDoubtOrders>().List().Count.ShouldBe(1);
    }

    [Fact]
    public async Task Beside_an_older_namesake_the_order_history_shows_ours()
    {
        var time = new ManualTimeProvider();
        var old = (time.GetUtcNow() - TimeSpan.FromMinutes(1)).ToUnixTimeMilliseconds();
        var exchange = Scripted(time)
            .OnLost("POST /fapi/v1/order", new HttpRequestException("lost"))
            .On("GET /fapi/v1/order", _ => ScriptedExchange.Reply(200, Order(1, old)))
            .On("GET /fapi/v1/allOrders", _ => ScriptedExchange.Reply(200, $"[{Order(1, old)}]"))
            .On("GET /fapi/v1/allOrders", _ => ScriptedExchange.Reply(200, $"[{Order(1, old)},{Order(2, time.GetUtcNow().ToUnixTimeMilliseconds())}]"));
        using var client = new ProtectedClient(exchange, time: time);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        told.Body.ShouldContain("\"orderId\":2");
        var asked = exchange.SeenAt("GET /fapi/v1/allOrders").First();
        var stamp = long.Parse(exchange.SeenAt("POST /fapi/v1/order").Single()["timestamp"]!, CultureInfo.InvariantCulture);
        asked["startTime"].ShouldBe((stamp - 1000).ToString(CultureInfo.InvariantCulture));
        exchange.SeenAt("POST /fapi/v1/order").Count().ShouldBe(1);
    }

    [Fact]
    public async Task An_id_taken_on_the_first_attempt_is_a_rejection_and_nothing_is_asked()
    {
        using var world = new SimulatedFixture();
        using var another = world.NewClient();
        await world.Time.RunAsync(() => another.Http.PostAsync(Resting, content: null));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(Resting, content: null)));

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        told.Error.ShouldNotBeNull().Code.ShouldBe(-4116);
        world.Exchange.Seen(ExchangeLooks.Look).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_id_taken_on_our_own_resend_after_absence_is_looked_up_and_was_ours()
    {
        // The queries lag by far more than is assumed, so that absence is proved wrongly.
        using var world = new SimulatedFixture(
            static options =>
            {
                options.AfterProvenAbsent = AfterProvenAbsent.Resend;
                options.TotalTimeout = TimeSpan.FromMinutes(3);
                options.SendBefore = TimeSpan.FromMinutes(1);
            },
            exchange: static exchange => exchange.QueryLag = TimeSpan.FromMinutes(1));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(Resting, content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        world.Exchange.Seen(ExchangeLooks.Place).Select(static place => place.Code).ShouldBe([0, -4116]);
        world.Exchange.Orders.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Proven_absent_an_order_is_resent_where_that_is_wanted_and_time_is_left()
    {
        using var world = new SimulatedFixture(static options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.SendBefore = TimeSpan.FromSeconds(20);
        });
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        told.Report.ShouldNotBeNull().Attempts.ShouldBe(2);
        world.Exchange.Orders.Count.ShouldBe(1);
        ShouldProveAbsence(world.Exchange);
    }

    [Fact]
    public async Task Proven_absent_too_late_an_order_is_not_resent()
    {
        using var world = new SimulatedFixture(static options => options.AfterProvenAbsent = AfterProvenAbsent.Resend);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);

        var told = await PlaceAsync(world);

        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task After_1001_an_order_under_anothers_key_is_neither_looked_for_with_ours_nor_resent()
    {
        var time = new ManualTimeProvider();
        var exchange = Scripted(time)
            .On("POST /fapi/v1/order", 503, "{\"code\":-1001,\"msg\":\"Internal error; unable to process your request. Please try again.\"}")
            .On("GET /fapi/v1/order", 400, "{\"code\":-2013,\"msg\":\"Order does not exist.\"}");
        using var client = new ProtectedClient(exchange, time: time);
        using var request = NaiveSigning.Sign(HttpMethod.Post, SimulatedFixture.Market("a"), time);

        var told = await time.RunAsync(() => Told.HearAsync(client.Http.SendAsync(request)));

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        exchange.SeenAt("POST /fapi/v1/order").Count().ShouldBe(1);
        exchange.SeenAt("GET /fapi/v1/order").ShouldBeEmpty();
    }

    private static void ShouldProveAbsence(SimulatedExchange exchange, TimeSpan? receiveWindow = null)
    {
        var place = exchange.Seen(ExchangeLooks.Place)[0];
        var deadline = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(place.Parameters["timestamp"], CultureInfo.InvariantCulture)) + (receiveWindow ?? ReceiveWindow);
        var counted = new List<DateTimeOffset>();
        var told = default(DateTimeOffset);
        foreach (var request in exchange.Requests.TakeWhile(request => request.Method != "POST" || request == place || request.Number < place.Number))
        {
            told = request.Path == "/fapi/v1/time" ? request.Time : told;
            if (request is { Method: "GET", Path: "/fapi/v1/order", Code: -2013 } && told > deadline)
            {
                counted.Add(told);
            }
        }

        counted.Count.ShouldBeGreaterThanOrEqualTo(3);
        counted[^1].ShouldBeGreaterThan(deadline + SettleMargin);

        // No longer than it takes, either.
        counted[^2].ShouldBeLessThanOrEqualTo(deadline + SettleMargin);
        exchange.Requests.ShouldNotContain(static request => request.Path == "/fapi/v1/openOrder");
    }

    private static SimulatedFixture Lossy(Fault fault, Action<SimulatedExchangeOptions>? exchange = null)
    {
        var world = new SimulatedFixture(exchange: exchange);
        world.Exchange.Faults.Next(ExchangeLooks.Place, fault);
        return world;
    }

    private static Task<Told> PlaceAsync(SimulatedFixture world) =>
        world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));

    private static ScriptedExchange Scripted(ManualTimeProvider time) => new ScriptedExchange()
        .On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{time.GetUtcNow().ToUnixTimeMilliseconds()}}}")));

    private static string Order(int number, long time) => FormattableString.Invariant(
        $"{{\"orderId\":{number},\"clientOrderId\":\"a\",\"symbol\":\"BTCUSDT\",\"status\":\"FILLED\",\"side\":\"BUY\",\"type\":\"MARKET\",\"origQty\":\"0.001\",\"time\":{time}}}");
}
