using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;

namespace ExchangeResilience.Tests.Journal;

/// <summary>Cancels kept for orders in doubt, across operators, restarts and kills.</summary>
public sealed class KeptCancelTests
{
    private const string Order = "/fapi/v1/order";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancel_kept_for_an_order_that_an_operator_knows_to_stand_never_reaches_a_later_one(bool restarts)
    {
        using var world = new JournalledWorld(Hurried);
        var (isBlind, isDeaf) = (true, false);
        world.Exchange.Faults.Plan = FaultPlan.Custom(context => (isBlind && context is { Method: "GET", Path: Order }) || (isDeaf && context is { Method: "DELETE" }) ? Fault.Unavailable : null);
        var run = world.Start();
        await DoubtAsync(world, run);
        isDeaf = true;
        run.InDoubt.Settle(run.InDoubt.List().Single(), ExecutionStatus.Executed, "operator", "seen").ShouldBeTrue();
        await world.LetPassAsync(5);
        world.Exchange.Fill(world.Exchange.Orders.Single().OrderId);
        if (restarts)
        {
            run.Kill();
            run = world.Start();
        }

        (await PlaceAsync(world, run, price: 29_000)).Execution.ShouldBe(ExecutionStatus.Executed);
        isBlind = isDeaf = false;
        await world.LetPassAsync(300);

        world.Exchange.Orders[1].Status.ShouldBe("NEW");
        run.InDoubt.KeptCancels().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_kept_cancel_that_waits_for_its_answer_is_listed_by_the_next_run()
    {
        using var world = new JournalledWorld(Hurried);
        var isBlind = true;
        world.Exchange.Faults.Plan = FaultPlan.Custom(context => context switch
        {
            { Method: "GET", Path: Order } when isBlind => Fault.Unavailable,
            { Method: "DELETE" } when !isBlind => Fault.SilenceBeforeExecute,
            _ => null,
        });
        var run = world.Start();
        await DoubtAsync(world, run);
        isBlind = false;
        await world.LetPassAsync(20);
        run.InDoubt.KeptCancels().ShouldHaveSingleItem();
        run.Kill();

        var next = world.Start();
        await next.OpenAsync();
        await world.LetPassAsync(60);
        next.InDoubt.KeptCancels().ShouldHaveSingleItem();
        world.Exchange.Faults.Plan = FaultPlan.None;
        await world.LetPassAsync(300);

        next.InDoubt.KeptCancels().ShouldBeEmpty();
        world.Exchange.Orders.Single().Status.ShouldBe("CANCELED");
    }

    [Theory]
    [InlineData("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")]
    [InlineData("/fapi/v1/allOpenOrders?symbol=BTCUSDT")]
    public async Task A_cancel_is_told_to_be_kept_once_it_would_outlive_the_process(string cancel)
    {
        using var world = new JournalledWorld(Hurried);
        world.Journal.WriteDelay = TimeSpan.FromMilliseconds(500);
        var isBlind = true;
        world.Exchange.Faults.Plan = FaultPlan.Custom(context => isBlind && context is { Method: "GET", Path: Order } ? Fault.Unavailable : null);
        var run = world.Start();
        await DoubtAsync(world, run, cancel, accepted: 15);
        run.Kill();
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().CancelWanted.ShouldBeTrue();

        isBlind = false;
        await world.Start().OpenAsync();
        await world.LetPassAsync(300);
        world.Exchange.Orders.Single().Status.ShouldBe("CANCELED");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancel_that_one_process_keeps_is_applied_by_another_that_searches_already(bool hasSentItToo)
    {
        using var world = new JournalledWorld();
        var old = world.Start();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(4)));
        await old.RunIntoAsync(() => Told.HearAsync(old.Http.PostAsync(Resting(30_000), content: null)), 1);
        var next = world.Start();
        await next.OpenAsync();
        if (hasSentItToo)
        {
            await next.RunIntoAsync(() => Told.HearAsync(next.Http.PostAsync(Resting(30_000), content: null)), 0.5);
        }

        (await world.Time.RunAsync(() => Told.HearAsync(old.Http.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT")))).Execution.ShouldBe(ExecutionStatus.Executed);
        old.Kill();
        await world.LetPassAsync(120);

        world.Exchange.Orders.Single().Status.ShouldBe("CANCELED");
        next.InDoubt.KeptCancels().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_kept_cancel_does_not_reach_the_order_that_another_process_placed_after_it_settled_the_first()
    {
        using var world = new JournalledWorld(static options => options.TotalTimeout = TimeSpan.FromMinutes(2));
        var (one, two) = (world.Start(), world.Start());
        var isBlind = true;
        world.Exchange.Faults.Plan = FaultPlan.Custom(context => isBlind && context is { Method: "GET", Path: Order } ? Fault.Unavailable : null);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);
        var placing = await one.RunIntoAsync(() => Told.HearAsync(one.Http.PostAsync(Resting(30_000), content: null)), 1);
        await world.Time.RunAsync(() => one.Http.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT"));
        await two.OpenAsync();

        two.InDoubt.Settle(two.InDoubt.List().Single(), ExecutionStatus.NotExecuted, "operator", "not on the exchange's page").ShouldBeTrue();
        (await PlaceAsync(world, two, 30_000)).Execution.ShouldBe(ExecutionStatus.Executed);
        isBlind = false;
        await world.LetPassAsync(300);

        (await placing).Execution.ShouldBe(ExecutionStatus.NotExecuted);
        world.Exchange.Orders.Single().Status.ShouldBe("NEW");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancel_of_an_order_that_another_process_has_under_way_is_not_answered_by_an_older_one_of_its_id(bool isFilled)
    {
        using var world = new JournalledWorld();
        var (one, two) = (world.Start(), world.Start());
        (await PlaceAsync(world, one, 30_000)).Execution.ShouldBe(ExecutionStatus.Executed);
        if (isFilled)
        {
            world.Exchange.Fill(world.Exchange.Orders.Single().OrderId);
        }
        else
        {
            (await one.CancelAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        }

        await world.LetPassAsync(10);
        (await two.GetAsync("/fapi/v1/openOrders?symbol=BTCUSDT")).Status.ShouldBe(200);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromSeconds(2)));
        var placing = await one.RunIntoAsync(() => Told.HearAsync(one.Http.PostAsync(Resting(30_000), content: null)), 0.5);

        var told = await two.CancelAsync();

        told.Execution.ShouldBe(ExecutionStatus.Unknown, told.ToString());
        (await world.Time.RunAsync(() => placing)).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Orders[1].Status.ShouldBe("NEW");
    }

    [Fact]
    public async Task A_kept_cancel_that_the_journal_has_not_taken_says_so()
    {
        using var world = new JournalledWorld(Hurried);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(4)));
        var run = world.Start();
        await run.RunIntoAsync(() => Told.HearAsync(run.Http.PostAsync(Resting(30_000), content: null)), 1);
        world.Journal.WriteDelay = TimeSpan.FromMinutes(1);

        var told = await world.Time.RunAsync(() => Told.HearAsync(run.Http.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT")));

        told.Report.ShouldNotBeNull().ToString().ShouldContain("a restart would lose it");
    }

    private static void Hurried(ExchangeErrorHandlingOptions options) => options.TotalTimeout = TimeSpan.FromSeconds(10);

    private static async Task DoubtAsync(JournalledWorld world, ProgramRun run, string cancel = "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a", double accepted = 2)
    {
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(accepted)));
        var placing = await run.RunIntoAsync(() => Told.HearAsync(run.Http.PostAsync(Resting(30_000), content: null)), 0.6);
        var told = await world.Time.RunAsync(() => Told.HearAsync(run.Http.DeleteAsync(cancel)));
        if (!cancel.Contains("all", StringComparison.Ordinal))
        {
            told.Execution.ShouldBe(ExecutionStatus.Unknown);
            (await world.Time.RunAsync(() => placing)).Execution.ShouldBe(ExecutionStatus.Unknown);
        }
    }

    private static Task<Told> PlaceAsync(JournalledWorld world, ProgramRun run, int price) => world.Time.RunAsync(() => Told.HearAsync(run.Http.PostAsync(Resting(price), content: null)));

    private static string Resting(int price) => FormattableString.Invariant($"{Order}?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price={price}&newClientOrderId=a&recvWindow=30000");
}
