using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Batches;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Journal;

/// <summary>After a restart a caller sends again what it does not know as ended, and gets the verdict of the earlier run, whatever other calls do meanwhile.</summary>
public sealed class EarlierVerdictTests
{
    private const string Amend = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&origClientOrderId=a&price=";

    [Fact]
    public async Task An_order_whose_caller_was_told_nothing_is_not_sent_again_though_a_later_one_has_borne_its_id()
    {
        using var world = new JournalledWorld();
        var first = world.Start(JournalledWorld.Hurried);
        await LoseAsync(world, ExchangeLooks.Place, () => first.PlaceAsync());
        (await first.PlaceAsync(quantity: 0.002m)).Execution.ShouldBe(ExecutionStatus.Executed);
        first.Kill();
        var next = world.Start();

        (await next.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);

        world.Exchange.ExecutionsOf("a").Count.ShouldBe(2);
        await world.LetPassAsync(61);
        (await next.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed, "the verdict was told, so that this is another order");
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Within_a_run_too_it_gets_its_verdict_whatever_has_become_of_the_later_one(bool isLaterExecuted)
    {
        using var world = new JournalledWorld();
        var run = world.Start(JournalledWorld.Hurried);
        await LoseAsync(world, ExchangeLooks.Place, () => run.PlaceAsync());
        if (!isLaterExecuted)
        {
            world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);
        }

        (await run.PlaceAsync(quantity: 0.002m)).Execution.ShouldBe(isLaterExecuted ? ExecutionStatus.Executed : ExecutionStatus.Unknown);

        var told = await run.PlaceAsync();

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Body.ShouldContain("\"origQty\":\"0.001\"");
        (await run.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed, "a repeat of the repeat");
        world.Exchange.ExecutionsOf("a").Count(static order => order.Quantity == 0.001m).ShouldBe(1);
        if (isLaterExecuted)
        {
            await world.LetPassAsync(61);
            (await run.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed, "the verdict was told, so that this is another order");
            world.Exchange.ExecutionsOf("a").Count(static order => order.Quantity == 0.001m).ShouldBe(2);
        }
    }

    [Fact]
    public async Task An_amendment_whose_caller_was_told_nothing_does_not_leave_again_after_a_later_one()
    {
        using var world = new JournalledWorld();
        var first = world.Start(JournalledWorld.Hurried);
        await first.PlaceRestingAsync();
        await LoseAsync(world, ExchangeLooks.Amend, () => AmendAsync(world, first, 31_000));
        (await AmendAsync(world, first, 32_000)).Execution.ShouldBe(ExecutionStatus.Executed);
        first.Kill();
        var next = world.Start();

        (await AmendAsync(world, next, 31_000)).Execution.ShouldBe(ExecutionStatus.Executed);

        world.Exchange.Orders.ShouldHaveSingleItem().Price.ShouldBe(32_000);
    }

    [Fact]
    public async Task Nor_where_the_verdict_of_its_order_was_lost_and_found_after_its_own()
    {
        using var world = new JournalledWorld();
        var first = world.Start(JournalledWorld.Hurried);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromMilliseconds(500)));
        await world.Time.RunAsync(async () =>
        {
            var placing = Told.HearAsync(first.Http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=30000&newClientOrderId=a", content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(200), world.Time);
            world.Journal.FailNext(1);
            (await placing).Execution.ShouldBe(ExecutionStatus.Executed);
        });
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().State.ShouldBe(JournalState.Open);
        await LoseAsync(world, ExchangeLooks.Amend, () => AmendAsync(world, first, 31_000));
        first.Kill();
        var next = world.Start();
        await next.OpenAsync();
        await world.LetPassAsync(5);

        (await AmendAsync(world, next, 31_000)).Execution.ShouldBe(ExecutionStatus.Executed);

        world.Exchange.Seen(ExchangeLooks.Amend).Count.ShouldBe(1, "it was executed in the earlier run");
    }

    [Fact]
    public async Task Within_a_run_an_amendment_back_to_an_earlier_price_is_a_new_one_though_no_caller_has_the_verdict_of_the_first()
    {
        using var world = new JournalledWorld();
        var run = world.Start(JournalledWorld.Hurried);
        await run.PlaceRestingAsync();
        await LoseAsync(world, ExchangeLooks.Amend, () => AmendAsync(world, run, 31_000));
        (await AmendAsync(world, run, 32_000)).Execution.ShouldBe(ExecutionStatus.Executed);

        (await AmendAsync(world, run, 31_000)).Execution.ShouldBe(ExecutionStatus.Executed);

        world.Exchange.Orders.ShouldHaveSingleItem().Price.ShouldBe(31_000);
    }

    [Fact]
    public async Task An_order_whose_caller_has_the_verdict_is_new_where_a_later_one_has_borne_its_id()
    {
        using var world = new JournalledWorld();
        var first = world.Start();
        await first.PlaceAsync();
        await first.PlaceAsync(quantity: 0.002m);
        first.Kill();

        await world.Start().PlaceAsync();

        world.Exchange.ExecutionsOf("a").Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_caller_that_joined_one_that_gives_up_goes_on_by_itself(bool asBatch)
    {
        using var world = new JournalledWorld();
        var first = world.Start();
        await first.PlaceAsync();
        first.Kill();
        var next = world.Start();
        await next.OpenAsync();
        world.Journal.WriteDelay = TimeSpan.FromMilliseconds(200);
        using var leaving = new CancellationTokenSource();

        var waiting = await world.Time.RunAsync(async () =>
        {
            var gone = Told.HearAsync(next.Http.PostAsync(SimulatedFixture.Market("a"), content: null, leaving.Token));
            await Task.Delay(TimeSpan.FromMilliseconds(20), world.Time, CancellationToken.None);
            var waits = ToldBatch.HearAsync(next.Http.PostAsync(asBatch ? Batch.Of(Batch.Buy("a"), Batch.Buy("b")) : SimulatedFixture.Market("a"), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(50), world.Time, CancellationToken.None);
            await leaving.CancelAsync();
            await gone;
            return await waits;
        });

        waiting.Execution.ShouldBe(ExecutionStatus.Executed, waiting.ToString());
        waiting.Errors.ShouldAllBe(static error => error == null);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_executed_order_is_not_denied_because_another_order_has_its_id_now()
    {
        using var world = new JournalledWorld();
        var first = world.Start();
        await first.PlaceAsync();
        first.Kill();
        var next = world.Start();

        var told = await PlaceBesideAnotherAsync(world, next);

        (told.Execution, told.Error?.Name).ShouldBe((ExecutionStatus.Unknown, "CLIENT_ORDER_ID_IN_USE"));
    }

    [Fact]
    public async Task Nor_where_only_orders_in_doubt_are_written_down()
    {
        using var world = new JournalledWorld(static options => options.Reconciliation.Journal = JournalMode.OnUnknown);
        var first = world.Start(JournalledWorld.Hurried);
        await LoseAsync(world, ExchangeLooks.Place, () => first.PlaceAsync());
        first.Kill();
        var next = world.Start();

        var told = await PlaceBesideAnotherAsync(world, next);

        (told.Execution, told.Error?.Name).ShouldBe((ExecutionStatus.Unknown, "CLIENT_ORDER_ID_IN_USE"));
    }

    [Fact]
    public async Task Nor_because_its_batch_was_signed_by_the_caller_and_cannot_be_sent_in_part()
    {
        using var world = new JournalledWorld(static options => options.Account = "house");
        var first = world.Start();
        (await first.PlaceAsync("b")).Execution.ShouldBe(ExecutionStatus.Executed);
        first.Kill();
        var next = world.Start(signed: false);
        await next.OpenAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        (await world.Time.RunAsync(() => Told.HearAsync(next.Http.SendAsync(NaiveSigning.Sign(HttpMethod.Post, SimulatedFixture.Market("a"), world.Time))))).Execution.ShouldBe(ExecutionStatus.Unknown);

        var told = await world.Time.RunAsync(() => ToldBatch.HearAsync(next.Http.SendAsync(NaiveSigning.Sign(HttpMethod.Post, Batch.Of(Batch.Buy("a"), Batch.Buy("b")), world.Time))));

        told.Outcomes.ShouldNotContain(nameof(ExecutionStatus.NotExecuted), Case.Sensitive, told.ToString());
        world.Exchange.ExecutionsOf("b").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Nor_because_another_item_of_its_batch_is_refused()
    {
        using var world = new JournalledWorld();
        var first = world.Start();
        await first.PlaceAsync();
        first.Kill();
        var next = world.Start();

        var told = await world.Time.RunAsync(() => ToldBatch.HearAsync(next.Http.PostAsync(Batch.Of(Batch.Buy("a"), Batch.Buy("b"), Batch.Buy("b", 0.002m)), content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Unknown, told.ToString());
        world.Exchange.Seen(Batch.Place).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nor_an_amendment_because_a_later_one_is_under_way()
    {
        using var world = new JournalledWorld();
        var first = world.Start();
        await first.PlaceRestingAsync();
        await AmendAsync(world, first, 31_000);
        first.Kill();
        var next = world.Start(static options => options.SendBefore = TimeSpan.FromSeconds(1));
        world.Exchange.Faults.Next(ExchangeLooks.Amend, Fault.SlowEngine(TimeSpan.FromSeconds(4)));

        var told = await world.Time.RunAsync(async () =>
        {
            var later = Told.HearAsync(next.Http.PutAsync($"{Amend}32000", content: null));
            await Task.Delay(TimeSpan.FromSeconds(0.5), world.Time);
            var told = await Told.HearAsync(next.Http.PutAsync($"{Amend}31000", content: null));
            await later;
            return told;
        });

        (told.Execution, told.Error?.Name).ShouldBe((ExecutionStatus.Unknown, "AMENDMENT_UNDER_WAY"));
    }

    /// <summary>Places an order while another of its id and other terms is in flight.</summary>
    private static Task<Told> PlaceBesideAnotherAsync(JournalledWorld world, ProgramRun run)
    {
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromSeconds(2)));
        return world.Time.RunAsync(async () =>
        {
            var other = run.SendAsync(quantity: 0.002m);
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            var told = await run.SendAsync();
            await other;
            return told;
        });
    }

    /// <summary>The reply is lost, the caller goes, and the outcome is found without it.</summary>
    private static async Task LoseAsync(JournalledWorld world, string route, Func<Task<Told>> send)
    {
        world.Exchange.Faults.Next(route, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Method == "GET" && context.Path.Contains("rder", StringComparison.Ordinal) ? Fault.Silence : null);
        (await send()).Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Exchange.Faults.Plan = FaultPlan.None;
        await world.LetPassAsync(60);
    }

    private static Task<Told> AmendAsync(JournalledWorld world, ProgramRun run, int price) =>
        world.Time.RunAsync(() => Told.HearAsync(run.Http.PutAsync(FormattableString.Invariant($"{Amend}{price}"), content: null)));
}
