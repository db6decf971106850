using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Journal;

/// <summary>An order that is refused before it is written down may be one that an earlier run sent: the journal is asked before its caller is told that it was not executed.</summary>
public sealed class JournalAskedTests
{
    private const string Batch = "/fapi/v1/batchOrders";

    private static readonly Fault Banned = Fault.Ban(TimeSpan.FromMinutes(5));

    [Fact]
    public async Task An_order_that_an_earlier_run_executed_is_not_denied_because_its_repeat_is_held_back()
    {
        using var world = new JournalledWorld();
        var next = await AfterAsync(world, static run => run.PlaceAsync());
        await BanAsync(world, next);

        var told = await next.PlaceAsync();

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Body.ShouldContain("\"clientOrderId\":\"a\"");
        world.Exchange.SentIntoHold.ShouldBeEmpty();
    }

    [Fact]
    public async Task Nor_because_orders_are_stopped()
    {
        using var world = new JournalledWorld();
        var next = await AfterAsync(world, static run => run.PlaceAsync());
        next.Get<ITradingHalt>().StopOrders("ann", "drill");

        (await next.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        (await next.PlaceAsync("b")).ShouldSatisfyAllConditions(
            static told => told.Execution.ShouldBe(ExecutionStatus.NotExecuted),
            static told => told.Error.ShouldNotBeNull().Name.ShouldBe("ORDERS_STOPPED"));
        world.Journal.EntriesOf("b").ShouldBeEmpty("to ask writes nothing");
    }

    [Fact]
    public async Task Nor_is_an_item_of_a_batch()
    {
        using var world = new JournalledWorld();
        var next = await AfterAsync(world, run => PlaceTwoAsync(world, run));
        await BanAsync(world, next);

        var told = await PlaceTwoAsync(world, next);

        told.Status.ShouldBe(200, told.ToString());
        told.Body.ShouldContain("\"clientOrderId\":\"a\"");
        told.Body.ShouldContain("\"clientOrderId\":\"b\"");
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Nor_because_too_many_others_are_in_doubt()
    {
        using var world = new JournalledWorld(JournalledWorld.Hurried);
        var next = await AfterAsync(world, static run => run.PlaceAsync(), static options => options.Reconciliation.MaxInDoubt = 1);
        world.Exchange.Faults.Plan = FaultPlan.Custom(static _ => Fault.SilenceBeforeExecute);
        (await next.PlaceAsync("doubtful")).Execution.ShouldBe(ExecutionStatus.Unknown);

        var (known, unknown) = (await next.PlaceAsync(), await next.PlaceAsync("new"));

        (known.Execution, known.Error?.Name).ShouldBe((ExecutionStatus.Unknown, "TOO_MANY_IN_DOUBT"));
        (unknown.Execution, unknown.Error?.Name).ShouldBe((ExecutionStatus.NotExecuted, "TOO_MANY_IN_DOUBT"));
    }

    [Fact]
    public async Task Where_the_journal_can_be_neither_written_nor_read_the_order_is_unknown()
    {
        using var world = new JournalledWorld();
        var next = await AfterAsync(world, static run => run.PlaceAsync());
        await next.OpenAsync();
        world.Journal.FailNext(int.MaxValue);

        var told = await next.PlaceAsync();
        var batch = await PlaceTwoAsync(world, next);

        (told.Execution, told.Error?.Name).ShouldBe((ExecutionStatus.Unknown, "NOT_JOURNALLED"));
        told.Error!.Advice.ShouldContain("an earlier run may have sent the order");
        told.Thrown.ShouldNotBeNull().Message.ShouldNotContain("The search goes on");
        batch.Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
        world.Journal.FailNext(0);
        (await next.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed, "it can be read again");
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_order_that_was_given_its_id_here_cannot_be_an_earlier_runs()
    {
        using var world = new JournalledWorld();
        var run = world.Start();
        await run.OpenAsync();
        world.Journal.FailNext(int.MaxValue);

        var told = await run.PlaceAsync("");

        (told.Execution, told.Error?.Name).ShouldBe((ExecutionStatus.NotExecuted, "NOT_JOURNALLED"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_OnUnknown_an_order_found_after_its_caller_had_gone_is_not_sent_again_by_the_next_run(bool cancelled)
    {
        using var world = new JournalledWorld(OnUnknown, static exchange => exchange.QueryLag = TimeSpan.FromSeconds(1));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Plan = FaultPlan.Custom(request => !cancelled && $"{request.Method} {request.Path}" == ExchangeLooks.Look ? Fault.HtmlReply(502) : null);
        var first = world.Start();

        var gone = await world.Time.RunAsync(async () =>
        {
            using var leaving = new CancellationTokenSource(cancelled ? TimeSpan.FromSeconds(0.5) : Timeout.InfiniteTimeSpan, world.Time);
            return await Told.HearAsync(first.Http.PostAsync(SimulatedFixture.Market("a"), content: null, leaving.Token));
        });
        world.Exchange.Faults.Clear();
        await world.LetPassAsync(60);
        first.Kill();

        gone.Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Journal.EntriesOf("a").ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            static entry => entry.State.ShouldBe(JournalState.Executed),
            static entry => entry.Heard.ShouldBeFalse());
        var told = await world.Start().PlaceAsync();
        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Body.ShouldContain("\"clientOrderId\":\"a\"");
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
    }

    [Fact]
    public async Task With_OnUnknown_an_id_that_this_run_has_used_for_other_terms_is_not_an_earlier_runs()
    {
        const string resting = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&newClientOrderId=a&price=";
        using var world = new JournalledWorld(OnUnknown);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        var next = await AfterAsync(world, run => PlaceAsync(run, "30000"));
        world.Journal.EntriesOf("a").ShouldHaveSingleItem();
        foreach (var price in (string[])["29000", "30000"])
        {
            world.Exchange.Fill(world.Exchange.Orders[^1].OrderId);
            await world.LetPassAsync(61);
            (await PlaceAsync(next, price)).Execution.ShouldBe(ExecutionStatus.Executed);
        }

        world.Exchange.ExecutionsOf("a").Select(static order => order.Price).ShouldBe([30_000, 29_000, 30_000]);

        Task<Told> PlaceAsync(ProgramRun run, string price) => world.Time.RunAsync(() => Told.HearAsync(run.Http.PostAsync(resting + price, content: null)));
    }

    [Fact]
    public async Task With_OnUnknown_an_order_in_doubt_is_not_sent_by_another_program_on_the_same_journal()
    {
        using var world = new JournalledWorld(OnUnknown, static exchange => exchange.QueryLag = TimeSpan.FromSeconds(1));
        var (one, other) = (world.Start(), world.Start());
        await one.OpenAsync();
        await other.OpenAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var (first, second) = await world.Time.RunAsync(async () =>
        {
            var first = one.SendAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(300), world.Time);
            var second = other.SendAsync();
            return (await first, await second);
        });

        first.Execution.ShouldBe(ExecutionStatus.Executed, first.ToString());
        second.Execution.ShouldBe(ExecutionStatus.Executed, second.ToString());
        world.Exchange.Seen(ExchangeLooks.Place).Count.ShouldBe(1);
    }

    private static void OnUnknown(ExchangeErrorHandlingOptions options) => options.Reconciliation.Journal = JournalMode.OnUnknown;

    private static async Task<ProgramRun> AfterAsync(JournalledWorld world, Func<ProgramRun, Task<Told>> send, Action<ExchangeErrorHandlingOptions>? configure = null)
    {
        var first = world.Start();
        (await send(first)).Status.ShouldBe(200);
        await world.LetPassAsync(1);
        first.Kill();
        return world.Start(configure);
    }

    private static async Task BanAsync(JournalledWorld world, ProgramRun run)
    {
        world.Exchange.Faults.Next("GET /fapi/v2/balance", Banned);
        (await run.GetAsync("/fapi/v2/balance")).Error.ShouldNotBeNull().Code.ShouldBe(-1003);
    }

    private static Task<Told> PlaceTwoAsync(JournalledWorld world, ProgramRun run) => world.Time.RunAsync(() => Told.HearAsync(run.Http.PostAsync(
        $"{Batch}?batchOrders={Uri.EscapeDataString($"[{Item("a")},{Item("b")}]")}", content: null)));

    private static string Item(string id) => $$"""{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.001","newClientOrderId":"{{id}}"}""";
}
