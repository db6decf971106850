using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Journal;

namespace ExchangeResilience.Tests.Batches;

/// <summary>What becomes of a batch when the program that sent it dies: the next run finds out about each item, and whoever sends it again buys none twice.</summary>
public sealed class BatchRestartTests
{
    private static readonly string Three = Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m), Batch.Buy("c", 0.003m));

    [Fact]
    public async Task Each_item_stands_in_the_journal_before_the_batch_leaves()
    {
        using var world = new JournalledWorld();
        world.Journal.FailNext(1);
        var run = world.Start();

        var refused = await SendAsync(world, run, Three);
        refused.Error.ShouldNotBeNull().Name.ShouldBe("NOT_JOURNALLED");
        refused.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        world.Exchange.Seen(Batch.Place).ShouldBeEmpty();

        (await SendAsync(world, run, Three)).Outcomes.ShouldBe("Executed Executed Executed");
        world.Journal.EntriesOf("b")[^1].ShouldSatisfyAllConditions(
            static entry => entry.State.ShouldBe(JournalState.Executed),
            static entry => entry.Path.ShouldBe("/fapi/v1/order"),
            static entry => entry.Quantity.ShouldBe(0.002m),
            static entry => entry.Reply.ShouldNotBeNull());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(40)]
    public async Task After_a_crash_each_item_has_its_own_verdict_and_only_the_absent_are_placed_anew(double later)
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromSeconds(3));
        world.Exchange.Faults.Next(Batch.Place, Fault.OfItems([Fault.None, Fault.DropBeforeExecute], Fault.Silence));
        var first = world.Start();
        var call = await first.RunIntoAsync(() => Told.HearAsync(first.Http.PostAsync(Three, content: null)), 1);
        call.IsCompleted.ShouldBeFalse();
        first.Kill();

        var next = world.Start();
        await next.OpenAsync();
        next.InDoubt.List().Select(static order => order.ClientOrderId).ShouldBe(["a", "b", "c"], ignoreOrder: true);
        await world.LetPassAsync(later);
        var told = await SendAsync(world, next, Three);

        told.Errors[0].ShouldBeNull(told.ToString());
        told.Errors[2].ShouldBeNull(told.ToString());
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
        world.Exchange.ExecutionsOf("c").Count.ShouldBe(1);
        if (later > 0)
        {
            // Its absence was proven before anybody asked again, so that it could be placed anew, and alone.
            told.Errors[1].ShouldBeNull(told.ToString());
            world.Exchange.SentIds().ShouldBe(["a b c", "b"]);
        }
        else
        {
            told.Errors[1].ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.NotExecuted);
            (await SendAsync(world, next, Batch.Of(Batch.Buy("b", 0.002m)))).Outcomes.ShouldBe("Executed");
        }

        world.Exchange.ExecutionsOf("b").Count.ShouldBe(1);
        world.Exchange.DuplicateIntents.ShouldBeEmpty();
        world.Journal.Entries.ShouldAllBe(static entry => entry.State == JournalState.Executed || entry.State == JournalState.NotExecuted);
    }

    [Fact]
    public async Task Another_program_on_the_same_journal_joins_the_items_that_are_in_doubt_and_sends_the_rest()
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromSeconds(3));
        world.Exchange.Faults.Next(Batch.Place, Fault.Silence);
        var one = world.Start(JournalledWorld.Hurried);
        var other = world.Start();
        await other.OpenAsync();

        (await SendAsync(world, one, Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m)))).Execution.ShouldBe(ExecutionStatus.Unknown);
        var told = await SendAsync(world, other, Three);

        told.Outcomes.ShouldBe("Executed Executed Executed", told.ToString());
        world.Exchange.SentIds().ShouldBe(["a b", "c"]);
        world.Exchange.Orders.Count.ShouldBe(3);
    }

    [Fact]
    public async Task An_id_that_another_program_has_for_another_order_keeps_the_whole_batch_back()
    {
        using var world = new JournalledWorld(exchange: static options => options.QueryLag = TimeSpan.FromSeconds(3));
        world.Exchange.Faults.Next(Batch.Place, Fault.Silence);
        var one = world.Start(JournalledWorld.Hurried);
        var other = world.Start();
        await other.OpenAsync();

        await SendAsync(world, one, Batch.Of(Batch.Buy("b", 0.009m)));
        var told = await SendAsync(world, other, Three);
        var again = await SendAsync(world, other, Batch.Of(Batch.Buy("a", 0.008m), Batch.Buy("c", 0.007m)));

        told.Error.ShouldNotBeNull().Name.ShouldBe("CLIENT_ORDER_ID_IN_USE");
        told.Error.Message.ShouldContain("item 2 (b)");
        again.Outcomes.ShouldBe("Executed Executed", again.ToString());
        world.Exchange.SentIds().ShouldBe(["b", "a c"]);
    }

    [Fact]
    public async Task A_verdict_of_an_earlier_run_that_a_cancelled_batch_did_not_hear_is_not_kept_for_ever()
    {
        using var world = new JournalledWorld();
        var first = world.Start();
        await first.PlaceAsync();
        await world.LetPassAsync(0.1);
        first.Kill();
        var next = world.Start();
        world.Exchange.Faults.Next(Batch.Place, Fault.SlowEngine(TimeSpan.FromSeconds(3)));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1), world.Time);

        var told = await world.Time.RunAsync(() => ToldBatch.HearAsync(next.Http.PostAsync(
            Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m)), content: null, patience.Token)));
        told.Execution.ShouldBe(ExecutionStatus.Unknown);

        await world.LetPassAsync(3600 * 30);
        (await next.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.ExecutionsOf("a").Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_batch_that_its_caller_gives_up_before_it_leaves_lets_go_of_every_item()
    {
        using var world = new JournalledWorld();
        var run = world.Start();
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Path.EndsWith("/balance", StringComparison.Ordinal) ? Fault.Silence : null);
        var batch = Batch.Of(Batch.Buy("a"), Batch.Buy("b", 0.002m), Batch.Buy("c", 0.003m));
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3), world.Time);

        var givenUp = await world.Time.RunAsync(() => ToldBatch.HearAsync(run.Http.PostAsync(batch, content: null, patience.Token)));
        world.Exchange.Faults.Plan = FaultPlan.None;
        var again = await SendAsync(world, run, batch);

        givenUp.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        again.Outcomes.ShouldBe("Executed Executed Executed", again.ToString());
    }

    private static Task<ToldBatch> SendAsync(JournalledWorld world, ProgramRun run, string batch) =>
        world.Time.RunAsync(() => ToldBatch.HearAsync(run.Http.PostAsync(batch, content: null)));
}
