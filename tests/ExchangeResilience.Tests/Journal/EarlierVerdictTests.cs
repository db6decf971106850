using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Journal;

/// <summary>What a run makes of orders that an earlier one knew well: how old their verdicts are, and which order of an id is which.</summary>
public sealed class EarlierVerdictTests
{
    private const string Order = "/fapi/v1/order";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_the_exchanges_time_is_not_known_an_equal_order_is_not_sent_by_the_wall_clocks_word(bool isTimeBack)
    {
        using var world = new JournalledWorld();
        (await world.Start().PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        StepMachine(world, TimeSpan.FromHours(2));
        world.Exchange.Faults.Next("GET /fapi/v1/time", Fault.DropBeforeExecute, Fault.DropBeforeExecute);
        var next = world.Start();

        var told = await next.PlaceAsync();
        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        told.Error.ShouldNotBeNull().Name.ShouldBe("REPEAT_UNCLEAR");
        if (isTimeBack)
        {
            await world.LetPassAsync(600);
            told = await next.PlaceAsync();
            told.Execution.ShouldBe(ExecutionStatus.Executed);
        }

        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_verdict_without_a_time_is_as_old_as_the_stamps_that_the_exchange_accepted()
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Path == "/fapi/v1/time" ? Fault.DropBeforeExecute : null);
        (await world.Start().PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Faults.Plan = FaultPlan.None;
        StepMachine(world, TimeSpan.FromHours(2));

        var next = world.Start();
        (await next.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);

        await world.LetPassAsync(3_700);
        await world.Start().PlaceAsync();
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(2, "an hour later the id is free again");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_next_run_does_not_take_an_order_of_the_same_second_for_the_one_after_it(bool isKnownByAnEarlierRun)
    {
        using var world = new JournalledWorld(static options => options.Reconciliation.RepeatsAfterRestart = TimeSpan.Zero);
        var first = world.Start();
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        if (isKnownByAnEarlierRun)
        {
            first.Kill();
            await world.LetPassAsync(0.4);
            first = world.Start();
            await first.GetAsync("/fapi/v1/openOrders?symbol=BTCUSDT");
        }

        await world.LetPassAsync(0.4);
        Lose(world, ExchangeLooks.Place);
        (await first.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);
        first.Kill();
        world.Exchange.Faults.Plan = FaultPlan.None;

        var next = world.Start();
        (await next.PlaceAsync()).Execution.ShouldNotBe(ExecutionStatus.Executed);
        next.Settled.ShouldNotContain(static settled => settled.Execution == ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_next_run_does_not_take_an_amendment_of_the_same_second_for_the_one_after_it()
    {
        using var world = new JournalledWorld();
        var first = world.Start();
        (await first.PlaceRestingAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        (await AmendAsync(first, 31_000)).Execution.ShouldBe(ExecutionStatus.Executed);
        await world.LetPassAsync(0.4);
        (await AmendAsync(first, 32_000)).Execution.ShouldBe(ExecutionStatus.Executed);
        await world.LetPassAsync(0.4);
        Lose(world, ExchangeLooks.Amend);
        (await AmendAsync(first, 31_000)).Execution.ShouldBe(ExecutionStatus.Unknown);
        first.Kill();
        world.Exchange.Faults.Plan = FaultPlan.None;

        (await AmendAsync(world.Start(), 31_000)).Execution.ShouldBe(ExecutionStatus.NotExecuted);

        Task<Told> AmendAsync(ProgramRun run, int price) => world.Time.RunAsync(() => Told.HearAsync(
            run.Http.PutAsync(FormattableString.Invariant($"{Order}?symbol=BTCUSDT&side=BUY&quantity=0.001&price={price}&origClientOrderId=a"), content: null)));
    }

    [Fact]
    public async Task The_next_run_does_not_take_the_order_before_for_the_one_that_its_cancel_names()
    {
        using var world = new JournalledWorld(exchange: static exchange => exchange.QueryLag = TimeSpan.FromSeconds(8));
        var first = world.Start();
        await first.PlaceRestingAsync();
        (await first.CancelAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        await world.LetPassAsync(20);
        (await first.PlaceRestingAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        first.Kill();
        world.Exchange.Fill(world.Exchange.Orders[1].OrderId);

        (await world.Start().CancelAsync()).Execution.ShouldBe(ExecutionStatus.NotExecuted);
    }

    [Fact]
    public async Task An_operators_word_reaches_the_process_that_waits_beside_and_no_evidence_turns_it_round()
    {
        using var world = new JournalledWorld();
        var (one, other) = (world.Start(), world.Start());
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context is { Method: "GET", Path: Order } ? Fault.Unavailable : null);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        await other.OpenAsync();

        var (first, second) = await world.Time.RunAsync(async () =>
        {
            var first = one.SendAsync();
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            var second = other.SendAsync();
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            one.InDoubt.Settle(one.InDoubt.List().Single(), ExecutionStatus.NotExecuted, "operator", "support said so").ShouldBeTrue();
            world.Exchange.Faults.Plan = FaultPlan.None;
            return (await first, await second);
        });

        first.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        second.Execution.ShouldBe(ExecutionStatus.NotExecuted, second.ToString());
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().State.ShouldBe(JournalState.NotExecuted);
    }

    [Fact]
    public async Task A_cancel_that_another_process_has_applied_is_not_applied_to_the_order_placed_since()
    {
        using var world = new JournalledWorld();
        var isBlind = true;
        world.Exchange.Faults.Plan = FaultPlan.Custom(context => isBlind && context is { Method: "GET", Path: Order } ? Fault.Unavailable : null);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(2)));
        var one = world.Start(static options => (options.TotalTimeout, options.SendBefore) = (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5)));
        var placing = await one.RunIntoAsync(() => Told.HearAsync(one.Http.PostAsync(Resting, content: null)), 0.5);
        (await one.CancelAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);
        await placing;
        var other = world.Start();
        await other.OpenAsync();
        other.InDoubt.KeptCancels().ShouldHaveSingleItem();

        // The first finds and cancels it by the user data stream, and places the id anew once its caller knows, while the other has not looked yet.
        one.InDoubt.OfferUserData("futures", Created(world)).ShouldBeTrue();
        await world.LetPassAsync(1);
        isBlind = false;
        (await one.CancelAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        isBlind = true;
        (await world.Time.RunAsync(() => Told.HearAsync(one.Http.PostAsync(Resting, content: null)))).Execution.ShouldBe(ExecutionStatus.Executed);
        await world.LetPassAsync(1);
        isBlind = false;
        await world.LetPassAsync(120);

        world.Exchange.Orders[0].Status.ShouldBe("CANCELED");
        world.Exchange.Orders[1].Status.ShouldBe("NEW");
        other.InDoubt.List().ShouldBeEmpty();
        other.InDoubt.KeptCancels().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_cancel_that_finds_nothing_of_an_order_in_doubt_at_another_process_is_unknown()
    {
        using var world = new JournalledWorld();
        var (one, other) = (world.Start(), world.Start());
        await other.OpenAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(4)));
        var placing = await one.RunIntoAsync(() => Told.HearAsync(one.Http.PostAsync(Resting, content: null)), 1);

        var told = await other.CancelAsync();

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        (await world.Time.RunAsync(() => placing)).Execution.ShouldBe(ExecutionStatus.Executed);
        (await other.CancelAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Theory]
    [InlineData("MARKET", 1)]
    [InlineData("FILLED", 1)]
    [InlineData("RESTS", 2)]
    public async Task A_cancel_of_all_makes_an_order_anew_only_of_what_it_has_cancelled(string order, int executions)
    {
        using var world = new JournalledWorld();
        var first = world.Start();
        (await PlaceAsync(first)).Execution.ShouldBe(ExecutionStatus.Executed);
        first.Kill();
        if (order == "FILLED")
        {
            world.Exchange.Fill(world.Exchange.Orders[0].OrderId);
        }

        await world.LetPassAsync(5);
        var next = world.Start();
        (await CancelAllAsync(world, next)).Execution.ShouldBe(ExecutionStatus.Executed);
        (await PlaceAsync(next)).Execution.ShouldBe(ExecutionStatus.Executed);

        world.Exchange.Orders.Count.ShouldBe(executions);

        Task<Told> PlaceAsync(ProgramRun run) => order == "MARKET" ? run.PlaceAsync() : run.PlaceRestingAsync();
    }

    [Theory]
    [InlineData("cancel of all")]
    [InlineData("refusal of an equal order")]
    [InlineData("refusal of another order")]
    public async Task What_a_process_did_before_another_placed_an_order_does_not_make_that_another(string before)
    {
        using var world = new JournalledWorld();
        var (main, standby) = (world.Start(), world.Start());
        await main.OpenAsync();
        if (before == "cancel of all")
        {
            await CancelAllAsync(world, standby);
        }
        else
        {
            world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(400, -2019, "Margin is insufficient."));
            (await standby.PlaceAsync(quantity: before == "refusal of an equal order" ? 0.001m : 0.002m)).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        }

        await world.LetPassAsync(300);
        (await main.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        await world.LetPassAsync(5);
        (await standby.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);

        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_refused_order_of_other_terms_hides_nothing_that_an_earlier_run_has_executed()
    {
        using var world = new JournalledWorld();
        (await world.Start().PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        await world.LetPassAsync(10);
        var next = world.Start();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(400, -2019, "Margin is insufficient."));
        (await next.PlaceAsync(quantity: 0.002m)).Execution.ShouldBe(ExecutionStatus.NotExecuted);

        (await next.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);

        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    private const string Resting = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=30000&newClientOrderId=a&recvWindow=30000";

    private static Task<Told> CancelAllAsync(JournalledWorld world, ProgramRun run) => world.Time.RunAsync(() => Told.HearAsync(run.Http.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT")));

    private static byte[] Created(JournalledWorld world)
    {
        var order = world.Exchange.Orders.Single();
        return System.Text.Encoding.UTF8.GetBytes(FormattableString.Invariant(
            $"{{\"e\":\"ORDER_TRADE_UPDATE\",\"T\":{world.Time.GetUtcNow().ToUnixTimeMilliseconds()},\"o\":{{\"s\":\"BTCUSDT\",\"c\":\"a\",\"S\":\"BUY\",\"o\":\"LIMIT\",\"f\":\"GTC\",\"q\":\"0.001\",\"p\":\"30000\",\"x\":\"NEW\",\"X\":\"NEW\",\"i\":{order.OrderId},\"T\":{order.Time.ToUnixTimeMilliseconds()}}}}}"));
    }

    private static void Lose(JournalledWorld world, string route) => world.Exchange.Faults.Plan = FaultPlan.Custom(
        context => $"{context.Method} {context.Path}" == route || context.Method == "GET" ? Fault.DropBeforeExecute : null);

    /// <summary>The machine's wall clock goes wrong, the exchange's does not.</summary>
    private static void StepMachine(JournalledWorld world, TimeSpan by)
    {
        var truth = world.Exchange.Clock.Now;
        world.Time.StepWallClock(by);
        world.Exchange.Clock.Step(truth - world.Exchange.Clock.Now);
    }
}
