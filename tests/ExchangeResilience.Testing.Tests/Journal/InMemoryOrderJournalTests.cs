namespace ExchangeResilience.Testing.Tests.Journal;

/// <summary>The rules of the port, as the in-memory journal keeps them.</summary>
public sealed class InMemoryOrderJournalTests
{
    private static readonly JournalAttempt First = new(1_000, 6_000, 5_000);
    private static readonly JournalAttempt Second = new(9_000, 14_000, 5_000);

    private readonly ManualTimeProvider _time = new();
    private readonly InMemoryOrderJournal _journal;

    public InMemoryOrderJournalTests() => _journal = new InMemoryOrderJournal(_time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_entry_is_read_back_by_the_next_run_as_it_was_written()
    {
        var entry = Entry("a") with { Reply = "{}"u8.ToArray(), ReplyStatus = 200, Quantity = 0.001m, Trail = ["asked"] };
        (await _journal.RecordAsync(entry, Stop)).ShouldBeNull();

        var left = (await _journal.OpenAsync(Stop)).Entries.ShouldHaveSingleItem();

        left.ToJson().ShouldBe(entry.ToJson());
        _journal.Find("a")!.Attempts.ShouldBe([First]);
        _journal.EntriesOf("order-1").Count.ShouldBe(1);
        _journal.Writes.ShouldBe(1);
    }

    [Fact]
    public async Task What_is_finished_can_be_forgotten_and_nothing_else()
    {
        foreach (var (id, state) in new[] { ("a", JournalState.Executed), ("b", JournalState.NotExecuted), ("c", JournalState.Open), ("d", JournalState.Unresolved) })
        {
            var entry = Entry(id) with { Key = Entry(id).Key with { Id = id }, ClientOrderId = id };
            await _journal.RecordAsync(entry, Stop);
            if (state != JournalState.Open)
            {
                await _journal.SettleAsync(entry with { State = state }, Stop);
            }
        }

        _journal.ForgetFinished();

        _journal.Entries.Select(entry => entry.Id).ShouldBe(["c", "d"]);
        _journal.EntriesOf("a").ShouldBeEmpty();
        (await _journal.RecordAsync(Entry("e") with { Key = Entry("e").Key with { Id = "a" }, Run = "run-2" }, Stop)).ShouldBeNull();
    }

    [Fact]
    public async Task A_later_attempt_replaces_the_entry()
    {
        await _journal.RecordAsync(Entry("a"), Stop);

        (await _journal.RecordAsync(Entry("a") with { Attempts = [First, Second] }, Stop)).ShouldBeNull();

        _journal.Entries.ShouldHaveSingleItem().Attempts.ShouldBe([First, Second]);
    }

    [Theory]
    [InlineData(JournalState.Executed)]
    [InlineData(JournalState.NotExecuted)]
    [InlineData(JournalState.Unresolved)]
    public async Task An_entry_that_somebody_has_settled_stands_in_its_own_way(JournalState verdict)
    {
        await _journal.RecordAsync(Entry("a"), Stop);
        await _journal.SettleAsync(Entry("a") with { State = verdict }, Stop);

        (await _journal.RecordAsync(Entry("a") with { Attempts = [First, Second] }, Stop))!.State.ShouldBe(verdict);

        _journal.Find("a")!.Attempts.ShouldBe([First]);
    }

    [Theory]
    [InlineData(JournalState.Open, "run-1", false)]
    [InlineData(JournalState.Open, "run-2", false)]
    [InlineData(JournalState.Unresolved, "run-1", false)]
    [InlineData(JournalState.NotExecuted, "run-1", true)]
    [InlineData(JournalState.NotExecuted, "run-2", true)]
    [InlineData(JournalState.Executed, "run-1", true)]
    [InlineData(JournalState.Executed, "run-2", false)]
    public async Task Another_entry_of_the_same_order_stands_in_the_way_unless_it_is_over(JournalState state, string runOfTheOther, bool passes)
    {
        await _journal.RecordAsync(Entry("a") with { Run = runOfTheOther }, Stop);
        await _journal.SettleAsync(Entry("a") with { Run = runOfTheOther, State = state }, Stop);

        var standing = await _journal.RecordAsync(Entry("b"), Stop);

        standing?.Id.ShouldBe("a");
        (standing is null).ShouldBe(passes);
        _journal.Entries.Count.ShouldBe(passes ? 2 : 1);
    }

    [Fact]
    public async Task The_newest_other_entry_counts_and_not_an_older_one()
    {
        await _journal.RecordAsync(Entry("a") with { Run = "run-0" }, Stop);
        await _journal.SettleAsync(Entry("a") with { Run = "run-0", State = JournalState.Executed }, Stop);
        await _journal.RecordAsync(Entry("b") with { Supersedes = "a" }, Stop);
        await _journal.SettleAsync(Entry("b") with { State = JournalState.NotExecuted }, Stop);

        (await _journal.RecordAsync(Entry("c"), Stop)).ShouldBeNull();
    }

    [Fact]
    public async Task A_superseded_entry_stands_in_nobodys_way()
    {
        await _journal.RecordAsync(Entry("a") with { Run = "run-0" }, Stop);

        (await _journal.RecordAsync(Entry("b") with { Supersedes = "a" }, Stop)).ShouldBeNull();
    }

    [Fact]
    public async Task Orders_with_other_keys_do_not_meet()
    {
        await _journal.RecordAsync(Entry("a"), Stop);

        (await _journal.RecordAsync(Entry("b") with { Key = Key with { Symbol = "ETHUSDT" } }, Stop)).ShouldBeNull();
    }

    [Fact]
    public async Task A_verdict_is_final()
    {
        await _journal.RecordAsync(Entry("a"), Stop);
        (await _journal.SettleAsync(Entry("a") with { State = JournalState.Executed }, Stop)).ShouldBeTrue();

        (await _journal.SettleAsync(Entry("a") with { State = JournalState.NotExecuted }, Stop)).ShouldBeFalse();
        (await _journal.SettleAsync(Entry("a"), Stop)).ShouldBeFalse();
        (await _journal.SettleAsync(Entry("a") with { State = JournalState.Executed, Heard = true }, Stop)).ShouldBeTrue();

        _journal.Find("a")!.ShouldSatisfyAllConditions(entry => entry.State.ShouldBe(JournalState.Executed), entry => entry.Heard.ShouldBeTrue());
    }

    [Fact]
    public async Task What_cannot_be_resolved_may_still_be_settled()
    {
        await _journal.RecordAsync(Entry("a"), Stop);
        await _journal.SettleAsync(Entry("a") with { State = JournalState.Unresolved }, Stop);

        (await _journal.SettleAsync(Entry("a") with { State = JournalState.Executed, Evidence = "an operator's word" }, Stop)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_verdict_that_does_not_know_every_attempt_is_not_written()
    {
        await _journal.RecordAsync(Entry("a") with { Attempts = [First, Second] }, Stop);

        (await _journal.SettleAsync(Entry("a") with { State = JournalState.NotExecuted }, Stop)).ShouldBeFalse();

        _journal.Find("a")!.State.ShouldBe(JournalState.Open);
    }

    [Fact]
    public async Task An_entry_nobody_recorded_cannot_be_settled() =>
        (await _journal.SettleAsync(Entry("a") with { State = JournalState.Executed }, Stop)).ShouldBeFalse();

    [Fact]
    public async Task Only_what_needs_something_is_left_behind()
    {
        await SettledAsync("done", JournalState.Executed, rechecks: 0);
        await SettledAsync("looked for again", JournalState.NotExecuted, rechecks: 0);
        await SettledAsync("absent", JournalState.NotExecuted, rechecks: 2);
        await SettledAsync("given up", JournalState.Unresolved, rechecks: 0);
        await _journal.RecordAsync(Entry("open") with { Key = Key with { Id = "open" } }, Stop);

        (await _journal.OpenAsync(Stop)).Entries.Select(entry => entry.Id).ShouldBe(["absent", "given up", "open"]);
        _journal.Entries.Count.ShouldBe(5);

        async Task SettledAsync(string id, JournalState state, int rechecks)
        {
            var entry = Entry(id) with { Key = Key with { Id = id } };
            await _journal.RecordAsync(entry, Stop);
            await _journal.SettleAsync(entry with { State = state, RechecksLeft = rechecks }, Stop);
        }
    }

    [Fact]
    public async Task The_longer_hold_of_a_lane_is_kept()
    {
        var hold = new JournalHold("live", TrafficLane.Ip, "default", -1003, 60_000, _time.GetUtcNow());
        await _journal.HoldAsync(hold, Stop);
        await _journal.HoldAsync(hold with { UntilExchangeMs = 50_000 }, Stop);
        await _journal.HoldAsync(hold with { UntilExchangeMs = 70_000 }, Stop);
        await _journal.HoldAsync(hold with { Lane = TrafficLane.Orders, UntilExchangeMs = 10_000 }, Stop);

        (await _journal.OpenAsync(Stop)).Holds.Select(kept => (kept.Lane, kept.UntilExchangeMs)).ShouldBe([(TrafficLane.Ip, 70_000), (TrafficLane.Orders, 10_000)]);
    }

    [Fact]
    public async Task A_write_told_to_fail_keeps_nothing()
    {
        _journal.FailNext(2, "no space");

        (await Should.ThrowAsync<JournalException>(async () => await _journal.RecordAsync(Entry("a"), Stop))).Message.ShouldBe("no space");
        await Should.ThrowAsync<JournalException>(async () => await _journal.RecordAsync(Entry("a"), Stop));
        _journal.Entries.ShouldBeEmpty();

        (await _journal.RecordAsync(Entry("a"), Stop)).ShouldBeNull();
    }

    [Fact]
    public async Task A_write_is_on_storage_after_half_its_time_and_answered_after_all_of_it()
    {
        _journal.WriteDelay = TimeSpan.FromMilliseconds(10);
        var write = _journal.RecordAsync(Entry("a"), Stop).AsTask();

        await _time.RunAsync(() => Task.Delay(TimeSpan.FromMilliseconds(4), _time, Stop));
        _journal.Entries.ShouldBeEmpty();

        await _time.RunAsync(() => Task.Delay(TimeSpan.FromMilliseconds(2), _time, Stop));
        _journal.Entries.Count.ShouldBe(1);
        write.IsCompleted.ShouldBeFalse();

        await _time.RunAsync(() => write);
        _time.Elapsed.ShouldBe(TimeSpan.FromMilliseconds(10));
    }

    [Fact]
    public async Task A_write_nobody_waits_for_any_more_is_carried_out_all_the_same()
    {
        _journal.WriteDelay = TimeSpan.FromMilliseconds(10);
        using var impatience = new CancellationTokenSource(TimeSpan.FromMilliseconds(1), _time);

        await _time.RunAsync(() => Should.ThrowAsync<OperationCanceledException>(async () => await _journal.RecordAsync(Entry("a"), impatience.Token)));
        await _time.RunAsync(() => Task.Delay(TimeSpan.FromMilliseconds(10), _time, Stop));

        _journal.Entries.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Writes_are_carried_out_in_the_order_of_the_calls_even_where_the_later_one_is_quicker()
    {
        _journal.WriteDelay = TimeSpan.FromMilliseconds(100);
        var slow = _journal.RecordAsync(Entry("a"), Stop).AsTask();
        _journal.WriteDelay = TimeSpan.FromMilliseconds(1);

        var standing = await _time.RunAsync(async () => await _journal.RecordAsync(Entry("b"), Stop));

        standing!.Id.ShouldBe("a");
        (await _time.RunAsync(() => slow)).ShouldBeNull();
    }

    private static JournalKey Key { get; } = new("live", "main", "BTCUSDT", OperationKind.Place, "order-1");

    private static JournalEntry Entry(string id) => new()
    {
        Id = id,
        Run = "run-1",
        Key = Key,
        ClientName = "desk",
        Host = SimulatedExchange.Address,
        Venue = "BinanceUsdFutures",
        Method = "POST",
        Path = "/fapi/v1/order",
        ClientOrderId = "order-1",
        Attempts = [First],
    };
}
