using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Traffic;

public sealed class ReopeningTests : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private readonly TrafficFixture _fixture = new();

    private TrafficTestTime Time => _fixture.Time;

    private Gate Gate => _fixture.Gate;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void One_probe_leaves_first_then_ever_more_then_all()
    {
        var hold = Gate.Ban(Minute);
        var waiting = Enumerable.Range(0, 100).Select(_ => Gate.Ask()).ToList();
        _fixture.Outwait(hold);

        var atOnce = new List<int>();
        while (waiting.Where(task => task.IsCompleted).ToArray() is { Length: > 0 } outside)
        {
            atOnce.Add(outside.Length);
            waiting.RemoveAll(outside.Contains);
            Array.ForEach(outside, task => Gate.Leave(task.Answer()));
        }

        // 1 + 2 + 4 + 8 + 16 came back well: nothing holds the rest.
        atOnce.ShouldBe([1, 2, 4, 8, 16, 69]);
        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Open);
    }

    [Fact]
    public void A_lane_that_is_open_again_says_once_how_long_it_was_closed_and_what_for_whom()
    {
        var hold = Gate.Ban(Minute);
        var waiting = Enumerable.Range(0, 40).Select(_ => Gate.Ask()).ToList();
        for (var i = 0; i < 3; i++)
        {
            Gate.Try().Granted.ShouldBeFalse();
        }

        _fixture.Outwait(hold);
        var told = new List<int>();
        while (waiting.Where(task => task.IsCompleted).ToArray() is { Length: > 0 } outside)
        {
            waiting.RemoveAll(outside.Contains);
            Array.ForEach(outside, task => Gate.Leave(task.Answer()));
            told.Add(_fixture.Log.Of("LaneOpened").Count());
        }

        told.ShouldBe([0, 0, 0, 0, 1, 1], "it is open once 31 have come back well");
        var line = _fixture.Log.Of("LaneOpened").ShouldHaveSingleItem();
        line.Level.ShouldBe(LogLevel.Information);
        line.Text.Trim().ShouldBe(FormattableString.Invariant($"Ip lane of live/default is open again: it was closed for {hold.Remaining.TotalSeconds:0.0} s, 40 requests waited for it and 3 were refused"));
    }

    [Fact]
    public void A_lane_that_is_closed_again_while_it_reopens_has_been_closed_since_the_first_refusal()
    {
        var first = Gate.Ban(Minute);
        _fixture.Outwait(first);
        var probe = Gate.Try();
        var second = Gate.Ban(Minute);
        Gate.Leave(probe, TrafficLane.Ip);
        _fixture.Outwait(second);

        // Nobody asks for an hour, and it was not closed for that.
        Time.Advance(TimeSpan.FromHours(1));
        for (var i = 0; i < 31; i++)
        {
            Gate.Leave(Gate.Try());
        }

        _fixture.Log.Of("LaneOpened").ShouldHaveSingleItem().Text.ShouldContain(FormattableString.Invariant($"closed for {(first.Remaining + second.Remaining).TotalSeconds:0.0} s, 0 requests"));
    }

    [Theory]
    [InlineData("Cancel")]
    [InlineData("ReducingOrder")]
    public void What_takes_risk_away_waits_for_nobody_elses_probe(string name)
    {
        var protective = Enum.Parse<TrafficClass>(name);
        _fixture.Outwait(Gate.Ban(Minute));
        var probe = Gate.Try();

        var passed = Gate.Try(protective);
        passed.Granted.ShouldBeTrue();
        Gate.Try().Granted.ShouldBeFalse("one probe at a time");

        Gate.Leave(passed);
        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Ramping, "it proves that the lane is open");
        Gate.Leave(probe);
        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Ramping);
    }

    [Fact]
    public void A_lane_that_was_opened_too_early_costs_one_refusal_of_what_takes_risk_away()
    {
        _fixture.Outwait(Gate.Ban(Minute));
        Gate.Try().Granted.ShouldBeTrue();

        Enumerable.Range(0, 100).Count(_ => Gate.Try(TrafficClass.Cancel).Granted).ShouldBe(1);
    }

    [Fact]
    public void What_takes_risk_away_waits_a_second_at_the_most_for_one_of_its_own_that_hangs()
    {
        _fixture.Outwait(Gate.Ban(Minute));
        Gate.Try(TrafficClass.Cancel).Granted.ShouldBeTrue();
        var next = Gate.Ask(TrafficClass.ReducingOrder);
        var query = Gate.Ask();

        Time.Advance(TimeSpan.FromMilliseconds(999));
        next.IsCompleted.ShouldBeFalse();
        Time.Advance(TimeSpan.FromMilliseconds(2));

        next.Answer().Granted.ShouldBeTrue();
        query.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void A_hold_binds_what_takes_risk_away_as_well()
    {
        Gate.Ban(Minute);

        Gate.Try(TrafficClass.Cancel).Granted.ShouldBeFalse();
        Gate.Try(TrafficClass.ReducingOrder).Granted.ShouldBeFalse();
    }

    [Fact]
    public void A_person_ends_a_hold_and_one_probe_leaves_first()
    {
        Gate.Ban(Minute);
        var waiting = Enumerable.Range(0, 3).Select(_ => Gate.Ask()).ToList();

        _fixture.Control.Release("live", TrafficLane.Ip, "default").ShouldBeTrue();

        waiting.Count(task => task.IsCompleted).ShouldBe(1);
        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Probing);
        Gate.Leave(waiting.Single(task => task.IsCompleted).Answer());
        waiting.ShouldAllBe(task => task.IsCompleted);
    }

    [Fact]
    public void A_hold_that_a_person_ended_too_early_stands_again_after_one_refusal()
    {
        Gate.Ban(Minute);
        _fixture.Control.Release("live", TrafficLane.Ip, "default").ShouldBeTrue();
        var probe = Gate.Try();

        Gate.Ban(Minute).IsNews.ShouldBeTrue("who ended it must hear that the exchange does not agree");
        Gate.Ban(1.5 * Minute).IsNews.ShouldBeFalse();
        Gate.Leave(probe, TrafficLane.Ip);

        Gate.Try().Granted.ShouldBeFalse();
        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Held);
    }

    [Fact]
    public void Only_a_hold_can_be_ended()
    {
        Gate.Ban(Minute);

        _fixture.Control.Release("live", TrafficLane.Orders, "a").ShouldBeFalse();
        _fixture.Control.Release("live", TrafficLane.Ip, "another").ShouldBeFalse();
        _fixture.Control.Release("testnet", TrafficLane.Ip, "default").ShouldBeFalse();
        _fixture.Control.Release("live", TrafficLane.Ip, "default").ShouldBeTrue();
        _fixture.Control.Release("live", TrafficLane.Ip, "default").ShouldBeFalse();
    }

    [Fact]
    public void A_slow_one_of_the_ramp_does_not_stop_the_others()
    {
        var hold = Gate.Ban(Minute);
        _fixture.Outwait(hold);
        Gate.Leave(Gate.Try());
        var slow = Gate.Try();

        for (var i = 0; i < 40; i++)
        {
            var quick = Gate.Try();
            quick.Granted.ShouldBeTrue();
            Gate.Leave(quick);
        }

        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Open);
        Gate.Leave(slow);
        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Open);
    }

    [Fact]
    public void A_request_that_never_left_proves_nothing_about_its_lane()
    {
        var hold = Gate.Ban(Minute);
        var waiting = Enumerable.Range(0, 3).Select(_ => Gate.Ask()).ToList();
        _fixture.Outwait(hold);

        Gate.Withdraw(waiting[0].Answer());

        waiting.Count(static task => task.IsCompleted).ShouldBe(2, "another is the probe now");
        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Probing);
        Gate.Leave(waiting[1].Answer());
        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Ramping);
    }

    [Fact]
    public void A_probe_withdrawn_from_a_lane_that_closed_again_changes_nothing()
    {
        var hold = Gate.Ban(Minute);
        _fixture.Outwait(hold);
        var probe = Gate.Try();
        var next = Gate.Ban(Minute);

        Gate.Withdraw(probe);

        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Held);
        _fixture.Outwait(next);
        Gate.Try().Granted.ShouldBeTrue();
        Gate.Try().Granted.ShouldBeFalse("one probe at a time");
    }

    [Fact]
    public void Who_was_let_out_may_leave_until_a_lane_of_its_path_closes()
    {
        var query = new TrafficRequest(TrafficClass.Query, 1, 0, 0, TrafficFixture.Limits);
        var early = Gate.Try(weight: 1);

        Gate.StillAdmits(query, early).ShouldBeTrue();
        Gate.OrdersSpent();
        Gate.StillAdmits(query, early).ShouldBeTrue("a query does not travel that lane");

        var hold = Gate.Ban(Minute);
        Gate.StillAdmits(query, early).ShouldBeFalse();
        _fixture.Outwait(hold);
        var probe = Gate.Try(weight: 1);
        Gate.StillAdmits(query, probe).ShouldBeTrue();
        Gate.StillAdmits(query, early).ShouldBeFalse("it is no probe");

        Gate.Ban(Minute);
        Gate.StillAdmits(query, probe).ShouldBeFalse();
    }

    [Fact]
    public void A_probe_of_a_reopening_that_is_past_may_not_leave_as_one_of_the_next()
    {
        var query = new TrafficRequest(TrafficClass.Query, 1, 0, 0, TrafficFixture.Limits);
        _fixture.Outwait(Gate.Ban(Minute));
        var probe = Gate.Try(weight: 1);
        _fixture.Outwait(Gate.Ban(Minute));
        var next = Gate.Try(weight: 1);

        Gate.StillAdmits(query, next).ShouldBeTrue();
        Gate.StillAdmits(query, probe).ShouldBeFalse();
    }

    [Fact]
    public void While_the_probe_is_out_an_impatient_request_is_refused_and_a_patient_one_waits()
    {
        var hold = Gate.Ban(Minute);
        _fixture.Outwait(hold);
        var probe = Gate.Try();
        probe.Granted.ShouldBeTrue();
        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Probing);

        Gate.Try().Reason.ShouldBe(RefusalReason.HeldIp);
        var patient = Gate.Ask(waitUntil: Time.In(TimeSpan.FromSeconds(3)));
        var luckier = Gate.Ask(waitUntil: Time.In(TimeSpan.FromSeconds(4)));

        Time.Advance(TimeSpan.FromSeconds(3));
        patient.Answer().Reason.ShouldBe(RefusalReason.HeldIp);
        patient.Answer().Waited.ShouldBe(TimeSpan.FromSeconds(3));

        Gate.Leave(probe);
        luckier.Answer().Granted.ShouldBeTrue();
        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Ramping);
    }

    [Fact]
    public void A_probe_refused_with_a_new_hold_closes_the_lane_for_that_long()
    {
        var hold = Gate.Ban(Minute);
        _fixture.Outwait(hold);
        var probe = Gate.Try();
        var waiting = Gate.Ask();

        var second = Gate.Ban(10 * Minute);
        Gate.Leave(probe, TrafficLane.Ip);

        waiting.IsCompleted.ShouldBeFalse();
        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Held);
        _fixture.Lane(TrafficLane.Ip).HeldUntil.ShouldBe(second.RetryAt);
    }

    [Fact]
    public void A_probe_refused_without_a_word_closes_the_lane_for_as_long_as_before()
    {
        var hold = Gate.Ban(Minute);
        _fixture.Outwait(hold);
        var probe = Gate.Try();

        Gate.Leave(probe, TrafficLane.Ip);

        _fixture.Lane(TrafficLane.Ip).HeldUntil.ShouldBe(Time.GetUtcNow() + hold.Remaining);
        Gate.Try().Granted.ShouldBeFalse();
    }

    [Fact]
    public void A_refusal_on_another_lane_does_not_speak_against_this_one()
    {
        var hold = Gate.Ban(Minute);
        _fixture.Outwait(hold);
        var probe = Gate.Try(TrafficClass.Order);

        Gate.Overload();
        Gate.Leave(probe, TrafficLane.Host);

        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Ramping);
        _fixture.Lane(TrafficLane.Host).State.ShouldBe(LaneState.Held);
    }

    [Fact]
    public void A_refusal_during_the_ramp_closes_the_lane()
    {
        var hold = Gate.Ban(Minute);
        _fixture.Outwait(hold);
        Gate.Leave(Gate.Try());
        var one = Gate.Try();
        var other = Gate.Try();

        Gate.Leave(one, TrafficLane.Ip);
        Gate.Leave(other);

        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Held);
    }

    [Fact]
    public void A_probe_that_never_comes_back_blocks_no_longer_than_its_timeout()
    {
        var limits = TrafficFixture.Limits with { ProbeTimeout = TimeSpan.FromSeconds(12) };
        var hold = Gate.Ban(Minute);
        _fixture.Outwait(hold);
        var lost = Gate.Try(limits: limits);
        Task<Admission>[] waiting = [Gate.Ask(), Gate.Ask(), Gate.Ask()];

        Time.Advance(TimeSpan.FromSeconds(12) - TimeSpan.FromMilliseconds(1));
        waiting.ShouldAllBe(task => !task.IsCompleted);
        Time.Advance(TimeSpan.FromMilliseconds(1));

        waiting.Count(task => task.IsCompleted).ShouldBe(2);

        // Its late return is nobody's any more.
        Gate.Leave(lost, TrafficLane.Ip);
        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Ramping);
        waiting.Count(task => task.IsCompleted).ShouldBe(2);
    }

    [Fact]
    public void A_probe_of_an_earlier_reopening_says_nothing_about_a_later_one()
    {
        var hold = Gate.Ban(Minute);
        _fixture.Outwait(hold);
        var early = Gate.Try();
        var second = Gate.Ban(Minute);
        _fixture.Outwait(second);
        var late = Gate.Try();
        late.Granted.ShouldBeTrue();

        Gate.Leave(early);

        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Probing);
        Gate.Try().Granted.ShouldBeFalse();
    }

    [Fact]
    public void Requests_that_left_before_the_hold_neither_open_nor_close_it()
    {
        var before = Gate.Try();
        Gate.Ban(Minute);

        Gate.Leave(before);

        _fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Held);
    }

    [Fact]
    public void Waiters_are_released_in_order_of_urgency_and_first_come_first_served_within()
    {
        var hold = Gate.Ban(Minute);
        TrafficClass[] arrival =
        [
            TrafficClass.Query, TrafficClass.Setting, TrafficClass.Evidence, TrafficClass.Order, TrafficClass.ReducingOrder, TrafficClass.Cancel,
            TrafficClass.Query, TrafficClass.Order, TrafficClass.Cancel,
        ];
        var waiting = arrival.Select((trafficClass, index) => (Name: trafficClass + " " + index, Task: Gate.Ask(trafficClass))).ToList();

        _fixture.Outwait(hold);
        var released = new List<string>();
        while (waiting.Count > 0)
        {
            // One at a time: as long as each is refused, the lane admits but one probe.
            var (name, task) = waiting.Single(entry => entry.Task.IsCompleted);
            released.Add(name);
            waiting.Remove((name, task));
            var again = Gate.Ban(Minute);
            Gate.Leave(task.Answer(), TrafficLane.Ip);
            _fixture.Outwait(again);
        }

        released.ShouldBe(["Cancel 5", "Cancel 8", "ReducingOrder 4", "Order 3", "Order 7", "Evidence 2", "Setting 1", "Query 0", "Query 6"]);
    }

    [Fact]
    public void A_waiter_held_by_one_lane_does_not_hold_back_those_it_does_not_concern()
    {
        Gate.OrdersSpent(window: Minute);
        var order = Gate.Ask(TrafficClass.Order);

        Gate.Try(TrafficClass.Query, weight: 1).Granted.ShouldBeTrue();
        order.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void Overload_doubles_the_wait_while_it_lasts_and_forgets_when_it_is_over()
    {
        var waits = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            var hold = Gate.Overload(baseMs: 200, maxMs: 2000);
            waits.Add(hold.Remaining.TotalMilliseconds);
            _fixture.Outwait(hold);
            Gate.Try(TrafficClass.Order).Granted.ShouldBeTrue();
        }

        double[] least = [200, 400, 800, 1600, 2000, 2000];
        waits.Zip(least).ShouldAllBe(pair => pair.First >= pair.Second && pair.First <= Math.Min(2000, pair.Second * 1.25));

        _fixture.Outwait(Gate.Overload(maxMs: 2000));
        for (var i = 0; i < 31; i++)
        {
            Gate.Leave(Gate.Try(TrafficClass.Order));
        }

        _fixture.Lane(TrafficLane.Host).State.ShouldBe(LaneState.Open);
        Gate.Overload(baseMs: 200, maxMs: 2000).Remaining.ShouldBeInRange(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(250));
    }

    [Fact]
    public void Refusals_of_requests_that_left_together_count_once()
    {
        for (var i = 0; i < 20; i++)
        {
            Gate.Overload(baseMs: 200, maxMs: 10_000).Remaining.ShouldBeLessThanOrEqualTo(TimeSpan.FromMilliseconds(250));
        }
    }

    [Fact]
    public void Overload_that_names_a_longer_wait_is_believed()
    {
        var hold = Gate.Close(
            TrafficLane.Host,
            new HoldRequest(-1008, 503, TimeSpan.FromSeconds(30), null, null, null, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(2)));

        hold.Remaining.ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public void A_ramp_whose_requests_have_all_returned_waits_for_the_next_however_long_that_takes()
    {
        _fixture.Outwait(Gate.Ban(Minute));
        Gate.Leave(Gate.Try());
        Gate.Leave(Gate.Try());
        Time.Advance(TimeSpan.FromSeconds(20));

        AtOnce().ShouldBe(2, "only who does not return in time makes room for more");
    }

    [Fact]
    public void A_withdrawn_probe_is_not_taken_for_one_that_never_returned()
    {
        _fixture.Outwait(Gate.Ban(Minute));
        Gate.Withdraw(Gate.Try());
        Time.Advance(TimeSpan.FromSeconds(20));

        AtOnce().ShouldBe(1);
    }

    [Fact]
    public void The_last_that_left_is_waited_for_as_long_as_the_first()
    {
        _fixture.Outwait(Gate.Ban(Minute));
        Gate.Leave(Gate.Try());
        Gate.Try().Granted.ShouldBeTrue();
        Time.Advance(TimeSpan.FromSeconds(10));
        Gate.Try().Granted.ShouldBeTrue();
        Time.Advance(TimeSpan.FromSeconds(6));

        Gate.Try().Granted.ShouldBeFalse();
        Time.Advance(TimeSpan.FromSeconds(10));
        Gate.Try().Granted.ShouldBeTrue("nobody waits for ever");
    }

    [Fact]
    public void A_probe_of_a_reopening_that_is_past_gives_up_nobody_elses_place()
    {
        _fixture.Outwait(Gate.Ban(Minute));
        var past = Gate.Try();
        _fixture.Outwait(Gate.Ban(Minute));
        Gate.Try().Granted.ShouldBeTrue();

        Gate.Withdraw(past);

        Gate.Try().Granted.ShouldBeFalse("one probe at a time");
    }

    [Fact]
    public void A_probe_of_one_lane_gives_up_nobodys_place_in_another()
    {
        _fixture.Outwait(Gate.OrdersSpent());
        var order = Gate.Try(TrafficClass.Order);
        order.Granted.ShouldBeTrue();
        _fixture.Outwait(Gate.Ban(Minute));
        Gate.Try().Granted.ShouldBeTrue();

        Gate.Withdraw(order);

        Gate.Try().Granted.ShouldBeFalse("one probe at a time");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_probe_of_two_lanes_makes_room_in_both(bool isWithdrawn)
    {
        var spent = Gate.OrdersSpent(Minute);
        var ban = Gate.Ban(Minute * 2);
        var orders = Enumerable.Range(0, 2).Select(_ => Gate.Ask(TrafficClass.Order)).ToList();
        _fixture.Outwait(ban.Remaining > spent.Remaining ? ban : spent);
        var first = orders.Single(static order => order.IsCompleted).Answer();

        if (isWithdrawn)
        {
            Gate.Withdraw(first);
        }
        else
        {
            Gate.Leave(first);
        }

        orders.ShouldAllBe(static order => order.IsCompleted);
    }

    private int AtOnce()
    {
        var granted = 0;
        while (Gate.Try().Granted)
        {
            (++granted).ShouldBeLessThan(100);
        }

        return granted;
    }
}
