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
