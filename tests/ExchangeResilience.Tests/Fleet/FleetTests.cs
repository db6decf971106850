using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Batches;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Journal;

namespace ExchangeResilience.Tests.Fleet;

/// <summary>Processes that share a journal: one of them holds an order in doubt, and its verdict is everybody's.</summary>
public sealed class FleetTests : IDisposable
{
    private const string Balance = "/fapi/v2/balance";
    private readonly JournalledWorld _world = new(JournalledWorld.Hurried, isFleet: true);

    [Fact]
    public async Task Who_repeats_an_order_that_another_process_holds_is_told_that_ones_verdict_and_asks_nothing()
    {
        var (holder, other) = (_world.Start(Patient), _world.Start(Patient));
        await holder.OpenAsync();
        await other.OpenAsync();
        _world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecutedTimeout503);
        _world.Exchange.Faults.Next(ExchangeLooks.Look, Fault.SlowEngine(TimeSpan.FromSeconds(3)));
        var first = await holder.RunIntoAsync(() => holder.SendAsync(), 0.5);
        first.IsCompleted.ShouldBeFalse();

        var told = await other.PlaceAsync();

        (await first).Execution.ShouldBe(ExecutionStatus.Executed);
        told.Execution.ShouldBe(ExecutionStatus.Executed, told.Error?.ToString());
        _world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
        await _world.Time.SettleAsync();
        other.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
        _world.Exchange.Seen(ExchangeLooks.Look).Count.ShouldBe(1, "only the holder asks");
        _world.Journal.EntriesOf("a").ShouldHaveSingleItem().Run.ShouldBe(holder.Member!.Member);
        other.Log.Of("JournalDisagrees").ShouldBeEmpty();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_verdict_that_comes_while_the_order_is_being_met_is_not_lost(bool isExecuted)
    {
        var (holder, other) = (_world.Start(Patient), _world.Start(static options => (options.TotalTimeout, options.SendBefore) = (TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(1))));
        await holder.OpenAsync();
        await other.OpenAsync();
        _world.Exchange.Faults.Next(ExchangeLooks.Place, isExecuted ? Fault.ExecutedTimeout503 : Fault.RefuseWithCode(503, -1006, "Execution status unknown."));
        _world.Exchange.Faults.Next(ExchangeLooks.Look, Fault.SlowEngine(TimeSpan.FromSeconds(3)));
        var first = await holder.RunIntoAsync(() => holder.SendAsync(), 0.5);
        var met = _world.Fleet!.DelayMeetings();
        var second = await other.RunIntoAsync(() => other.SendAsync(), 0.5);

        await _world.LetPassAsync(15);
        var execution = (await first).Execution;
        met.SetResult();
        await _world.LetPassAsync(1);

        execution.ShouldBe(isExecuted ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted);
        second.IsCompleted.ShouldBeTrue();
        (await second).Execution.ShouldBe(execution);
    }

    [Fact]
    public async Task An_order_that_waits_for_its_holder_says_so()
    {
        var (holder, other) = (_world.Start(), _world.Start());
        await holder.OpenAsync();
        await other.OpenAsync();
        _world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        await holder.DieWhileSendingAsync(after: 0.5);

        (await other.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);

        var order = other.InDoubt.List().ShouldHaveSingleItem();
        order.State.ShouldBe(InDoubtState.HeldElsewhere);
        other.InDoubt.AskAgain(order).ShouldBeFalse();
        other.InDoubt.Settle(order, ExecutionStatus.NotExecuted, "operator", "no reason").ShouldBeFalse();
        other.InDoubt.List().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_cancel_kept_where_the_order_waits_for_its_holder_is_applied_when_the_holder_has_found_it()
    {
        var (holder, other) = (_world.Start(), _world.Start());
        await holder.OpenAsync();
        await other.OpenAsync();
        _world.Exchange.Options.QueryLag = TimeSpan.FromSeconds(8);
        _world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(4)));
        (await holder.PlaceRestingAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);
        (await other.PlaceRestingAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);

        await other.CancelAsync();
        await _world.LetPassAsync(30);

        holder.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
        _world.Exchange.ExecutionsOf("a").ShouldHaveSingleItem().Status.ShouldBe("CANCELED");
        var entry = _world.Journal.EntriesOf("a").ShouldHaveSingleItem();
        (entry.State, entry.Run).ShouldBe((JournalState.Executed, holder.Member!.Member));
        other.Log.Of("JournalDisagrees").ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_dead_process_left_in_doubt_is_settled_by_one_that_lives()
    {
        var (doomed, heir) = (_world.Start(), _world.Start());
        await heir.OpenAsync();
        await doomed.OpenAsync();
        _world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        await doomed.DieWhileSendingAsync(after: 0.5);
        await _world.LetPassAsync(60);
        heir.Settled.ShouldBeEmpty();

        await _world.Fleet!.EndLeaseAsync(doomed.Member!, heir.Member!);
        await _world.LetPassAsync(60);

        var settled = heir.Settled.ShouldHaveSingleItem();
        (settled.Order.ClientOrderId, settled.Execution).ShouldBe(("a", ExecutionStatus.Executed));
        var entry = _world.Journal.EntriesOf("a").ShouldHaveSingleItem();
        (entry.State, entry.Run).ShouldBe((JournalState.Executed, heir.Member!.Member));
    }

    [Fact]
    public async Task Who_waits_for_a_holder_that_dies_takes_the_search_over()
    {
        var (doomed, heir) = (_world.Start(), _world.Start());
        await doomed.OpenAsync();
        await heir.OpenAsync();
        _world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        await doomed.DieWhileSendingAsync(after: 0.5);
        (await heir.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);

        await _world.Fleet!.EndLeaseAsync(doomed.Member!, heir.Member!);
        await _world.LetPassAsync(60);

        heir.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
        (await heir.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Executed);
        _world.Exchange.ExecutionsOf("a").Count.ShouldBe(1);
        _world.Journal.EntriesOf("a").ShouldHaveSingleItem().Heard.ShouldBeTrue();
    }

    [Fact]
    public async Task A_process_whose_orders_were_taken_writes_no_verdict_about_them()
    {
        var (slow, heir) = (_world.Start(), _world.Start());
        await slow.OpenAsync();
        await heir.OpenAsync();
        _world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SilenceBeforeExecute);
        (await slow.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);

        await _world.Fleet!.EndLeaseAsync(slow.Member!, heir.Member!);
        await _world.LetPassAsync(120);

        var entry = _world.Journal.EntriesOf("a").ShouldHaveSingleItem();
        (entry.State, entry.Run).ShouldBe((JournalState.NotExecuted, heir.Member!.Member));
        heir.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.NotExecuted);
    }

    [Fact]
    public async Task What_follows_from_a_verdict_is_done_by_the_heir()
    {
        var (doomed, heir) = (_world.Start(), _world.Start());
        await heir.OpenAsync();
        await doomed.OpenAsync();
        _world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.SilenceBeforeExecute);
        (await doomed.PlaceAsync()).Execution.ShouldBe(ExecutionStatus.Unknown);
        await _world.LetPassAsync(40);
        _world.Journal.EntriesOf("a").ShouldHaveSingleItem().RechecksLeft.ShouldBe(2);
        doomed.Kill();

        await _world.Fleet!.EndLeaseAsync(doomed.Member!, heir.Member!);
        await _world.LetPassAsync(700);

        _world.Journal.EntriesOf("a").ShouldHaveSingleItem().IsFinished.ShouldBeTrue();
    }

    [Fact]
    public async Task A_ban_told_to_one_process_holds_the_others()
    {
        var (told, other) = (_world.Start(), _world.Start());
        await told.OpenAsync();
        await other.OpenAsync();
        _world.Exchange.Faults.Next("GET " + Balance, Fault.Ban(TimeSpan.FromMinutes(5)));

        (await told.GetAsync(Balance)).Error.ShouldNotBeNull().Code.ShouldBe(-1003);
        await _world.Time.SettleAsync();
        var sent = _world.Exchange.Requests.Count;
        var held = await other.GetAsync(Balance);

        held.Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        _world.Exchange.Requests.Count.ShouldBe(sent);
        other.Log.Of("HoldTold").ShouldHaveSingleItem().Text.ShouldMatch($@"Ip lane of fapi\.test/default closed for 3\d\d\.\d s, until {held.Error!.RetryAt:u}: the exchange answered another process with -1003");
        await _world.LetPassAsync(330);
        (await other.GetAsync(Balance)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task An_order_that_was_being_written_down_when_a_ban_was_told_does_not_leave_into_it()
    {
        var placed = await PlaceWhileToldAsync(Fault.Ban(TimeSpan.FromMinutes(5)));

        placed.Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        placed.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        _world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
        _world.Journal.EntriesOf("a").ShouldHaveSingleItem().State.ShouldBe(JournalState.NotExecuted);
    }

    [Fact]
    public async Task An_order_that_was_being_written_down_when_a_short_hold_was_told_waits_for_its_end()
    {
        var placed = await PlaceWhileToldAsync(Fault.TooManyRequests(TimeSpan.FromSeconds(1)));

        placed.Execution.ShouldBe(ExecutionStatus.Executed, placed.Error?.ToString());
        var refused = _world.Exchange.Requests.Single(static request => request.Status == 429);
        _world.Exchange.Seen(ExchangeLooks.Place).ShouldHaveSingleItem().Elapsed.ShouldBeGreaterThan(refused.Elapsed + TimeSpan.FromSeconds(1));
        _world.Journal.EntriesOf("a").ShouldHaveSingleItem().State.ShouldBe(JournalState.Executed);
    }

    [Fact]
    public async Task A_batch_that_was_being_written_down_when_a_short_hold_was_told_waits_whole()
    {
        var writing = await WriteWhileToldAsync(
            Fault.TooManyRequests(TimeSpan.FromSeconds(1)),
            static http => http.PostAsync(Batch.Of(Batch.Buy("a"), Batch.Buy("b")), content: null));

        var placed = await _world.Time.RunAsync(() => writing);

        placed.Execution.ShouldBe(ExecutionStatus.Executed, placed.Error?.ToString());
        _world.Exchange.Requests.Count(static request => request.Path == "/fapi/v1/batchOrders").ShouldBe(1);
        _world.Exchange.Orders.Select(static order => order.ClientOrderId).ShouldBe(["a", "b"]);
        _world.Exchange.Requests.ShouldNotContain(static request => request.IntoHold.HasValue);
    }

    [Fact]
    public async Task An_order_cancelled_while_it_waits_for_the_end_of_a_hold_told_meanwhile_was_not_executed()
    {
        using var cancelling = new CancellationTokenSource();
        var writing = await WriteWhileToldAsync(
            Fault.TooManyRequests(TimeSpan.FromSeconds(1)),
            http => http.PostAsync(SimulatedFixture.Market("a", 0.001m), content: null, cancelling.Token));
        await _world.Time.SettleAsync();
        writing.IsCompleted.ShouldBeFalse("it waits for the end of the hold");

        await cancelling.CancelAsync();
        var placed = await _world.Time.RunAsync(() => writing);

        placed.Thrown.ShouldNotBeNull();
        placed.Execution.ShouldBe(ExecutionStatus.NotExecuted);
        await _world.LetPassAsync(60);
        _world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
        _world.Journal.EntriesOf("a").ShouldHaveSingleItem().State.ShouldBe(JournalState.NotExecuted);
    }

    [Fact]
    public async Task An_order_that_was_being_written_down_when_orders_were_stopped_does_not_leave()
    {
        var run = _world.Start(Patient);
        await run.OpenAsync();
        var pen = _world.Fleet!.TakePen();
        var placing = await run.RunIntoAsync(() => run.SendAsync(), 0.001);

        run.Get<ITradingHalt>().StopOrders("operator", "a test");
        pen.SetResult();

        var placed = await _world.Time.RunAsync(() => placing);
        placed.Error.ShouldNotBeNull().Name.ShouldBe("ORDERS_STOPPED");
        _world.Exchange.Seen(ExchangeLooks.Place).ShouldBeEmpty();
        _world.Journal.EntriesOf("a").ShouldHaveSingleItem().State.ShouldBe(JournalState.NotExecuted);
    }

    [Fact]
    public async Task A_hold_is_no_longer_for_the_others_than_for_who_was_told()
    {
        var (told, other) = (_world.Start(), _world.Start());
        await told.OpenAsync();
        await other.OpenAsync();
        _world.Exchange.Faults.Next("GET " + Balance, Fault.Ban(TimeSpan.FromMinutes(5)));

        var own = (await told.GetAsync(Balance)).Error.ShouldNotBeNull().RetryAfter.ShouldNotBeNull();
        await _world.Time.SettleAsync();
        var shared = (await other.GetAsync(Balance)).Error.ShouldNotBeNull().RetryAfter.ShouldNotBeNull();

        // But for each one's part of chance, 3 % of its length.
        shared.ShouldBeInRange(own, own * 1.031);
    }

    [Fact]
    public async Task An_overload_told_to_one_process_holds_none_of_the_others()
    {
        var (told, other) = (_world.Start(), _world.Start());
        await told.OpenAsync();
        await other.OpenAsync();
        _world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Throttled, Fault.Throttled);

        (await told.PlaceAsync("a")).Report.ShouldNotBeNull().Attempts.ShouldBeGreaterThan(1);
        await _world.Time.SettleAsync();

        _world.Journal.Holds.ShouldBeEmpty();
        other.Log.Of("HoldTold").ShouldBeEmpty();
    }

    [Fact]
    public async Task No_other_machines_clock_shortens_a_ban()
    {
        var (told, other) = (_world.Start(), _world.Start());
        await told.OpenAsync();
        await other.OpenAsync();
        (await other.GetAsync(Balance)).Status.ShouldBe(200);
        _world.Exchange.Faults.Next("GET " + Balance, Fault.Ban(TimeSpan.FromMinutes(5)));
        await told.GetAsync(Balance);
        await _world.Time.SettleAsync();
        var kept = _world.Journal.Holds.ShouldHaveSingleItem();

        // As a store would tell it whose clock was set meanwhile: its span is wrong, the exchange's time is not.
        var late = _world.Start();
        late.Member!.Tell(new FleetEvent.HoldTold(kept with { Until = _world.Time.GetUtcNow() }));
        await late.OpenAsync();
        await _world.Time.SettleAsync();

        (await other.GetAsync(Balance)).Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        (await late.GetAsync(Balance)).Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
    }

    public void Dispose() => _world.Dispose();

    /// <summary>Places an order whose journal is slow: another process is told to wait while it writes.</summary>
    private async Task<Told> PlaceWhileToldAsync(Fault fault)
    {
        var writing = await WriteWhileToldAsync(fault, static http => http.PostAsync(SimulatedFixture.Market("a", 0.001m), content: null));
        return await _world.Time.RunAsync(() => writing);
    }

    /// <summary>Sends what is written down slowly; by the end of it another process has been told to wait.</summary>
    private async Task<Task<Told>> WriteWhileToldAsync(Fault fault, Func<HttpClient, Task<HttpResponseMessage>> send)
    {
        var (told, other) = (_world.Start(Patient), _world.Start(Patient));
        await told.OpenAsync();
        await other.OpenAsync();
        var pen = _world.Fleet!.TakePen();
        var writing = await other.RunIntoAsync(() => Told.HearAsync(send(other.Http)), 0.001);
        _world.Exchange.Faults.Next("GET " + Balance, fault);
        await told.RunIntoAsync(() => Told.HearAsync(told.Http.GetAsync(Balance)), 0.001);
        await _world.Time.SettleAsync();
        other.Log.Of("HoldTold").ShouldHaveSingleItem();

        pen.SetResult();
        return writing;
    }

    private static void Patient(ExchangeErrorHandlingOptions options)
    {
        options.TotalTimeout = TimeSpan.FromSeconds(30);
        options.SendBefore = TimeSpan.FromSeconds(5);
        options.AttemptTimeout = TimeSpan.FromSeconds(10);
    }
}
