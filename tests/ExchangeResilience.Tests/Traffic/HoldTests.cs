namespace ExchangeResilience.Tests.Traffic;

public sealed class HoldTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // Whole seconds are not exact, and processes part: a hold may last a second and its spread longer than told.
    private static readonly TimeSpan BudgetLease = TimeSpan.FromSeconds(2);

    private readonly TrafficFixture _fixture = new();

    private TrafficTestTime Time => _fixture.Time;

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("Cancel", "Ip")]
    [InlineData("ReducingOrder", "Ip Orders")]
    [InlineData("Order", "Ip Orders Host")]
    [InlineData("Evidence", "Ip")]
    [InlineData("Setting", "Ip")]
    [InlineData("Query", "Ip")]
    public void A_hold_stops_the_classes_it_binds_and_no_other(string trafficClass, string stoppedBy)
    {
        foreach (var lane in new[] { TrafficLane.Ip, TrafficLane.Orders, TrafficLane.Host })
        {
            using var fixture = new TrafficFixture();
            fixture.Gate.Close(lane, new HoldRequest(-1, 503, Minute, null, null, null, TimeSpan.Zero, TimeSpan.Zero));

            var admission = fixture.Gate.Try(Enum.Parse<TrafficClass>(trafficClass));

            admission.Granted.ShouldBe(!stoppedBy.Split(' ').Contains(lane.ToString()), lane.ToString());
            admission.Reason.ShouldBe(admission.Granted ? RefusalReason.None : Enum.Parse<RefusalReason>("Held" + lane));
        }
    }

    [Fact]
    public void A_ban_told_to_one_client_stops_every_client_of_the_address_and_no_other()
    {
        _fixture.Gate.Ban(Minute);

        _fixture.At(host: "dapi", account: "b").Try().Reason.ShouldBe(RefusalReason.HeldIp);
        _fixture.At(environment: "testnet").Try().Granted.ShouldBeTrue();
        _fixture.At(egress: "second").Try().Granted.ShouldBeTrue();
    }

    [Fact]
    public void Spent_orders_stop_the_account_on_every_host_and_no_other_account()
    {
        _fixture.Gate.OrdersSpent();

        _fixture.At(host: "dapi", egress: "second").Try(TrafficClass.Order).Reason.ShouldBe(RefusalReason.HeldOrders);
        _fixture.At(account: "b").Try(TrafficClass.Order).Granted.ShouldBeTrue();
    }

    [Fact]
    public void Overload_stops_the_host_and_no_other()
    {
        _fixture.Gate.Overload();

        _fixture.At(account: "b", egress: "second").Try(TrafficClass.Order).Reason.ShouldBe(RefusalReason.HeldHost);
        _fixture.At(host: "dapi").Try(TrafficClass.Order).Granted.ShouldBeTrue();
    }

    [Fact]
    public void A_later_shorter_hold_does_not_shorten_and_a_longer_one_extends()
    {
        var first = _fixture.Gate.Ban(10 * Minute);
        var shorter = _fixture.Gate.Ban(Minute);
        var longer = _fixture.Gate.Ban(20 * Minute);

        first.Extended.ShouldBeTrue();
        shorter.Extended.ShouldBeFalse();
        shorter.RetryAt.ShouldBe(first.RetryAt);
        longer.Extended.ShouldBeTrue();
        longer.RetryAt.ShouldBeGreaterThan(first.RetryAt + (9 * Minute));
    }

    [Fact]
    public void A_ban_without_an_end_lasts_two_minutes()
    {
        var hold = _fixture.Gate.Close(TrafficLane.Ip, new HoldRequest(0, 418, null, null, null, null, TimeSpan.Zero, TimeSpan.Zero));

        hold.Remaining.ShouldBeInRange(2 * Minute, (2 * Minute) + (2 * BudgetLease));
        hold.RetryAt.ShouldBe(Time.GetUtcNow() + hold.Remaining);
        hold.Code.ShouldBe(0);
    }

    [Fact]
    public void A_block_without_a_code_lasts_as_long_as_its_policy_row_says()
    {
        var hold = _fixture.Gate.Close(TrafficLane.Ip, new HoldRequest(0, 403, null, null, Time.GetUtcNow(), null, 5 * Minute, 5 * Minute));

        hold.Remaining.ShouldBeInRange(5 * Minute, (5 * Minute) + TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void The_end_of_a_ban_is_read_on_the_clock_of_the_reply_not_on_ours()
    {
        var exchangeNow = Time.GetUtcNow() + TimeSpan.FromHours(1);
        var until = (exchangeNow + (3 * Minute)).ToUnixTimeMilliseconds();

        var hold = _fixture.Gate.Close(TrafficLane.Ip, new HoldRequest(-1003, 418, null, until, exchangeNow, null, TimeSpan.Zero, TimeSpan.Zero));

        hold.Remaining.ShouldBeInRange(3 * Minute, (3 * Minute) + TimeSpan.FromSeconds(7));
    }

    [Fact]
    public void The_end_of_a_ban_without_a_date_is_read_on_the_clock_earlier_replies_taught()
    {
        var exchangeNow = Time.GetUtcNow() + TimeSpan.FromHours(1);
        _fixture.Gate.Observe(default, GateWords.Headers(exchangeNow));

        var hold = _fixture.Gate.Close(
            TrafficLane.Ip,
            new HoldRequest(-1003, 418, null, (exchangeNow + (3 * Minute)).ToUnixTimeMilliseconds(), null, null, TimeSpan.Zero, TimeSpan.Zero));

        hold.Remaining.ShouldBeInRange(3 * Minute, (3 * Minute) + TimeSpan.FromSeconds(7));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void A_step_of_the_wall_clock_neither_opens_nor_prolongs_a_ban(int days)
    {
        var hold = _fixture.Gate.Ban(10 * Minute);
        Time.StepWallClock(TimeSpan.FromDays(days));

        Time.Advance(hold.Remaining - TimeSpan.FromMilliseconds(1));
        _fixture.Gate.Try().Granted.ShouldBeFalse();

        Time.Advance(TimeSpan.FromMilliseconds(1));
        _fixture.Gate.Try().Granted.ShouldBeTrue();
    }

    [Fact]
    public void A_wait_that_does_not_fit_is_refused_at_once_and_told_when_to_come_back()
    {
        var hold = _fixture.Gate.Ban(Minute);

        var answer = _fixture.Gate.Ask(waitUntil: Time.In(Minute)).Answer();

        answer.Granted.ShouldBeFalse();
        answer.Reason.ShouldBe(RefusalReason.HeldIp);
        answer.RetryAt.ShouldBe(hold.RetryAt);
        answer.Waited.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Of_several_obstacles_the_longest_decides_whether_a_wait_fits()
    {
        _fixture.Gate.Overload(baseMs: 200);
        var longer = _fixture.Gate.OrdersSpent(window: Minute);

        var answer = _fixture.Gate.Ask(TrafficClass.Order, waitUntil: Time.In(TimeSpan.FromSeconds(5))).Answer();

        answer.Reason.ShouldBe(RefusalReason.HeldOrders);
        answer.RetryAt.ShouldBe(longer.RetryAt);
    }

    [Fact]
    public void A_wait_that_fits_ends_with_the_hold()
    {
        var hold = _fixture.Gate.Ban(Minute);
        var waiting = _fixture.Gate.Ask(waitUntil: Time.In(2 * Minute));

        Time.Advance(hold.Remaining - TimeSpan.FromMilliseconds(1));
        waiting.IsCompleted.ShouldBeFalse();

        Time.Advance(TimeSpan.FromMilliseconds(2));
        waiting.Answer().Granted.ShouldBeTrue();
        waiting.Answer().Waited.ShouldBeInRange(hold.Remaining, hold.Remaining + TimeSpan.FromMilliseconds(2));
    }

    [Fact]
    public void A_hold_extended_beyond_a_waiters_limit_refuses_it_at_once()
    {
        _fixture.Gate.Ban(Minute);
        var hasty = _fixture.Gate.Ask(waitUntil: Time.In(2 * Minute));
        var patient = _fixture.Gate.Ask(waitUntil: Time.In(30 * Minute));
        Time.Advance(TimeSpan.FromSeconds(10));

        var longer = _fixture.Gate.Ban(10 * Minute);

        hasty.Answer().Reason.ShouldBe(RefusalReason.HeldIp);
        hasty.Answer().RetryAt.ShouldBe(longer.RetryAt);
        hasty.Answer().Waited.ShouldBe(TimeSpan.FromSeconds(10));
        patient.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void A_cancelled_wait_ends_at_once_and_frees_its_place()
    {
        _fixture.Gate.Ban(Minute);
        using var cancellation = new CancellationTokenSource();
        var one = TrafficFixture.Limits with { MaxWaiters = 1 };
        var waiting = _fixture.Gate.Ask(limits: one, cancellation: cancellation.Token);

        cancellation.Cancel();

        waiting.IsCanceled.ShouldBeTrue();
        _fixture.Lane(TrafficLane.Ip).Waiters.ShouldBe(0);
        _fixture.Gate.Ask(limits: one).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void A_token_cancelled_before_never_enters()
    {
        _fixture.Gate.Ask(cancellation: new CancellationToken(canceled: true)).IsCanceled.ShouldBeTrue();
    }

    [Fact]
    public void A_full_lane_refuses_further_waiters_but_gives_up_a_lesser_one_for_a_greater()
    {
        var limits = TrafficFixture.Limits with { MaxWaiters = 2 };
        var hold = _fixture.Gate.Ban(Minute);
        var older = _fixture.Gate.Ask(limits: limits);
        var younger = _fixture.Gate.Ask(limits: limits);

        var third = _fixture.Gate.Ask(limits: limits).Answer();
        third.Reason.ShouldBe(RefusalReason.TooManyWaiters);
        third.RetryAt.ShouldBe(hold.RetryAt);

        _fixture.Gate.Ask(TrafficClass.Cancel, limits: limits).IsCompleted.ShouldBeFalse();
        younger.Answer().Reason.ShouldBe(RefusalReason.TooManyWaiters);
        older.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void The_bound_on_waiters_is_per_lane()
    {
        var limits = TrafficFixture.Limits with { MaxWaiters = 1 };
        _fixture.Gate.Ban(Minute);
        _fixture.At(egress: "second").Ban(Minute);

        _fixture.Gate.Ask(limits: limits).IsCompleted.ShouldBeFalse();
        _fixture.At(egress: "second").Ask(limits: limits).IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void No_lane_cannot_be_closed()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => _fixture.Gate.Close(TrafficLane.None, default));
    }

    [Fact]
    public void Disposal_cancels_who_still_waits()
    {
        _fixture.Gate.Ban(Minute);
        var waiting = _fixture.Gate.Ask();

        _fixture.Control.Dispose();

        waiting.IsCanceled.ShouldBeTrue();
    }

    [Fact]
    public void The_snapshot_tells_what_is_held_and_why()
    {
        var hold = _fixture.Gate.Ban(Minute);
        _ = _fixture.Gate.Ask(TrafficClass.Order);

        var lane = _fixture.Lane(TrafficLane.Ip);

        lane.State.ShouldBe(LaneState.Held);
        lane.Scope.ShouldBe("default");
        lane.Code.ShouldBe(-1003);
        lane.HeldUntil.ShouldBe(hold.RetryAt);
        lane.Waiters.ShouldBe(1);
        _fixture.Lane(TrafficLane.Orders).State.ShouldBe(LaneState.Open);
        _fixture.Lane(TrafficLane.Orders).Code.ShouldBeNull();
    }

    [Fact]
    public void Processes_held_together_do_not_return_together()
    {
        TimeSpan[] lengths = [.. Enumerable.Range(0, 16).Select(seed =>
        {
            using var process = new TrafficFixture(seed);
            return process.Gate.Ban(10 * Minute).Remaining;
        })];

        lengths.Distinct().Count().ShouldBe(16);
        lengths.ShouldAllBe(length => length >= (10 * Minute) + TimeSpan.FromSeconds(1) && length <= (10 * Minute) + TimeSpan.FromSeconds(19));
    }

    [Fact]
    public void A_scope_has_one_gate()
    {
        _fixture.At().ShouldBeSameAs(_fixture.At());
        _fixture.At(account: "b").ShouldNotBeSameAs(_fixture.At());
        _fixture.At().ShouldBeSameAs(_fixture.At());
    }

    [Fact]
    public void A_hold_is_news_when_the_lane_was_open_or_it_is_twice_as_long()
    {
        _fixture.Gate.Ban(Minute).IsNews.ShouldBeTrue();
        _fixture.Gate.Ban(Minute).IsNews.ShouldBeFalse("it ends no later");
        _fixture.Gate.Ban(1.5 * Minute).IsNews.ShouldBeFalse("and this one not much");
        _fixture.Gate.Ban(3 * Minute).IsNews.ShouldBeTrue();
        var hold = _fixture.Gate.Ban(3.5 * Minute);

        _fixture.Outwait(hold);
        var probe = _fixture.Gate.Try();
        _fixture.Gate.Ban(Minute).IsNews.ShouldBeFalse("it never opened");
        _fixture.Gate.Leave(probe, TrafficLane.Ip);
        _fixture.Time.Advance(2 * Minute);
        while (_fixture.Lane(TrafficLane.Ip).State != LaneState.Open)
        {
            _fixture.Gate.Leave(_fixture.Gate.Try());
        }

        _fixture.Gate.Ban(Minute).IsNews.ShouldBeTrue();
    }

    [Fact]
    public void The_longest_obstacle_is_told_wherever_it_stands()
    {
        _fixture.Gate.Ban(Minute);
        _fixture.Gate.OrdersSpent(window: TimeSpan.FromMinutes(10));

        var refused = _fixture.Gate.Try(TrafficClass.Order);

        refused.Reason.ShouldBe(RefusalReason.HeldOrders);
        refused.RetryAt.ShouldBeGreaterThan(Time.GetUtcNow() + (Minute * 2));
    }

    [Fact]
    public void Waiters_are_counted_at_what_stands_in_their_way()
    {
        _fixture.Gate.Ban(Minute);
        _fixture.Gate.Ask(TrafficClass.Order).IsCompleted.ShouldBeFalse();
        (_fixture.Lane(TrafficLane.Ip).Waiters, _fixture.Lane(TrafficLane.Orders).Waiters).ShouldBe((1, 0));

        _fixture.Gate.OrdersSpent(window: TimeSpan.FromMinutes(10));

        (_fixture.Lane(TrafficLane.Ip).Waiters, _fixture.Lane(TrafficLane.Orders).Waiters).ShouldBe((0, 1));
    }

    [Fact]
    public void Once_nobody_waits_any_more_requests_pass_without_a_lock_again()
    {
        var hold = _fixture.Gate.Ban(Minute);
        var waiting = Enumerable.Range(0, 40).Select(_ => _fixture.Gate.Ask()).ToList();
        _fixture.Outwait(hold);
        while (waiting.FirstOrDefault(static task => task.IsCompleted) is { } outside)
        {
            waiting.Remove(outside);
            _fixture.Gate.Leave(outside.Answer());
        }

        waiting.ShouldBeEmpty();
        _fixture.Gate.TryEnter(new TrafficRequest(TrafficClass.Query, 0, 0, 0, TrafficFixture.Limits), Time.GetTimestamp(), out var admission).ShouldBeTrue();
        _fixture.Gate.Leave(admission);
    }

    [Fact]
    public void A_wait_that_may_end_at_the_last_moment_is_worth_it_and_one_whose_time_is_over_is_not()
    {
        var hold = _fixture.Gate.Ban(Minute);
        _fixture.Gate.Ask(waitUntil: Time.In(hold.Remaining)).IsCompleted.ShouldBeFalse();
        _fixture.Gate.Ask(waitUntil: Time.In(hold.Remaining - TimeSpan.FromTicks(1))).Answer().Granted.ShouldBeFalse();
        _fixture.Outwait(hold);
        _fixture.Gate.Try();

        // While it reopens the way may be free at any moment, but for this one that is too late.
        _fixture.Gate.Ask(waitUntil: Time.GetTimestamp()).Answer().Granted.ShouldBeFalse();
    }

    [Theory]
    [InlineData(60, 30, 60)]
    [InlineData(30, 60, 60)]
    public void Of_a_hold_that_this_machine_kept_the_later_end_counts(int byExchange, int byWall, int seconds) =>
        Restored(byExchange, byWall, isFromElsewhere: false).ShouldNotBeNull().Remaining.TotalSeconds.ShouldBeInRange(seconds + 1, seconds + 1 + (seconds * 0.031));

    [Theory]
    [InlineData(60, 30, 30)]
    [InlineData(30, 60, 60)]
    public void Of_a_hold_from_elsewhere_the_local_end_counts_until_the_exchanges_time_is_known(int byExchange, int byWall, int seconds) =>
        Restored(byExchange, byWall, isFromElsewhere: true).ShouldNotBeNull().Remaining.TotalSeconds.ShouldBeInRange(seconds, seconds * 1.031);

    [Theory]
    [InlineData(60, 30)]
    [InlineData(60, 90)]
    public void Of_a_hold_from_elsewhere_the_exchanges_end_counts_once_its_time_is_known(int byExchange, int byWall)
    {
        _fixture.Gate.Reply(_fixture.Gate.Try(weight: 1), Time.GetUtcNow());

        // A Date is cut to the second.
        Restored(byExchange, byWall, isFromElsewhere: true).ShouldNotBeNull().Remaining.TotalSeconds.ShouldBeInRange(byExchange - 1, (byExchange + 1) * 1.031);
    }

    [Fact]
    public void A_hold_that_is_over_is_not_restored()
    {
        Restored(-5, -5, isFromElsewhere: false).ShouldBeNull();
        Restored(1, 1, isFromElsewhere: true).ShouldBeNull("what is left is the margin");
        _fixture.Gate.Try().Granted.ShouldBeTrue();
        Restored(1, 1, isFromElsewhere: false).ShouldNotBeNull();
    }

    [Fact]
    public void A_hold_that_has_ended_shows_so_though_nobody_asked_since()
    {
        _fixture.Outwait(_fixture.Gate.Ban(Minute));
        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Probing);

        _fixture.Outwait(_fixture.Gate.Ban(Minute));
        _fixture.Control.Release("live", TrafficLane.Ip, "default").ShouldBeFalse("there is no hold to end");
    }

    [Fact]
    public void Overload_after_overload_doubles_the_wait_and_each_good_return_halves_it()
    {
        Overloaded().ShouldBeInRange(200, 250);
        Overloaded().ShouldBeInRange(400, 500);
        Overloaded().ShouldBeInRange(800, 1000);
        _fixture.Gate.Leave(_fixture.Gate.Try(TrafficClass.Order));
        Overloaded().ShouldBeInRange(800, 1000);
        for (var refusals = 0; refusals < 5; refusals++)
        {
            Overloaded();
        }

        Overloaded().ShouldBe(3200, 0.001);

        double Overloaded()
        {
            var hold = _fixture.Gate.Overload();
            _fixture.Outwait(hold);
            return hold.Remaining.TotalMilliseconds;
        }
    }

    [Fact]
    public void Processes_told_of_overload_part_and_a_first_wait_longer_than_the_longest_stays_as_it_is()
    {
        var lengths = Enumerable.Range(0, 8).Select(seed =>
        {
            using var process = new TrafficFixture(seed);
            return process.Gate.Overload().Remaining.TotalMilliseconds;
        }).ToList();

        lengths.ShouldBeUnique();
        lengths.ShouldAllBe(length => length > 200 && length <= 250);
        _fixture.Gate.Overload(baseMs: 5000, maxMs: 3000).Remaining.TotalMilliseconds.ShouldBe(5000, 0.001);
    }

    private Hold? Restored(int byExchange, int byWall, bool isFromElsewhere) => _fixture.Control.Restore(
        new JournalHold("live", TrafficLane.Ip, "default", -1003, Time.GetUtcNow().AddSeconds(byExchange).ToUnixTimeMilliseconds(), Time.GetUtcNow().AddSeconds(byWall)),
        isFromElsewhere);
}
