namespace ExchangeResilience.Tests.Traffic;

public sealed class BudgetTests : IDisposable
{
    private static readonly TimeSpan FewMs = TimeSpan.FromMilliseconds(300);
    private readonly TrafficFixture _fixture = new();

    private TrafficTestTime Time => _fixture.Time;

    private Gate Gate => _fixture.Gate;

    public void Dispose() => _fixture.Dispose();

    [Theory]
    [InlineData("Query", false)]
    [InlineData("Setting", false)]
    [InlineData("Evidence", true)]
    [InlineData("Cancel", true)]
    [InlineData("Order", true)]
    [InlineData("ReducingOrder", true)]
    public void The_last_two_percent_are_kept_for_what_matters_more(string trafficClass, bool mayPass)
    {
        Gate.Try(TrafficClass.Query, weight: 2352).Granted.ShouldBeTrue();
        Gate.Try(TrafficClass.Query, weight: 1).Reason.ShouldBe(RefusalReason.WeightSpent);

        Gate.Try(Enum.Parse<TrafficClass>(trafficClass), weight: 1).Granted.ShouldBe(mayPass);
    }

    [Theory]
    [InlineData("Cancel", true)]
    [InlineData("ReducingOrder", true)]
    [InlineData("Order", false)]
    [InlineData("Evidence", false)]
    [InlineData("Setting", false)]
    [InlineData("Query", false)]
    public void The_very_last_percent_is_kept_for_what_takes_risk_away(string trafficClass, bool mayPass)
    {
        Gate.Try(TrafficClass.Evidence, weight: 2376).Granted.ShouldBeTrue();

        Gate.Try(Enum.Parse<TrafficClass>(trafficClass), weight: 1).Granted.ShouldBe(mayPass);
    }

    [Fact]
    public void Nobody_may_use_more_than_all_of_it_but_what_weighs_nothing_passes()
    {
        Gate.Try(TrafficClass.Cancel, weight: 2400).Granted.ShouldBeTrue();

        Gate.Try(TrafficClass.Cancel, weight: 1).Reason.ShouldBe(RefusalReason.WeightSpent);
        Gate.Try(TrafficClass.Order, weight: 0, orders: 1).Granted.ShouldBeTrue();
        Gate.Try(TrafficClass.Query, weight: 0).Granted.ShouldBeTrue();
    }

    [Fact]
    public void Weight_is_shared_by_hosts_and_accounts_of_the_address()
    {
        Gate.Try(weight: 2352);

        _fixture.At(host: "dapi", account: "b").Try(weight: 1).Granted.ShouldBeFalse();
        _fixture.At(egress: "second").Try(weight: 1).Granted.ShouldBeTrue();
    }

    [Fact]
    public void A_request_beyond_the_limit_waits_for_the_next_window()
    {
        Gate.Leave(Gate.Try(weight: 2352));
        var waiting = Gate.Ask(weight: 5, waitUntil: Time.In(TimeSpan.FromSeconds(50)));

        // It is 12:00:22; the window turns at 12:01:00.
        Time.Advance(TimeSpan.FromSeconds(38));
        waiting.IsCompleted.ShouldBeFalse();
        Time.Advance(FewMs);

        waiting.Answer().Granted.ShouldBeTrue();
        _fixture.Lane(TrafficLane.Ip).Usage[0].ShouldBe(new UsageSnapshot { Interval = TimeSpan.FromMinutes(1), Used = 5, Limit = 2400 });
    }

    [Fact]
    public void A_request_that_cannot_wait_for_the_next_window_is_told_when_it_begins()
    {
        Gate.Try(weight: 2352);

        var answer = Gate.Ask(weight: 1, waitUntil: Time.In(TimeSpan.FromSeconds(37))).Answer();

        answer.Reason.ShouldBe(RefusalReason.WeightSpent);
        var turn = new DateTimeOffset(2026, 3, 1, 12, 1, 0, TimeSpan.Zero);
        answer.RetryAt.ShouldBeInRange(turn, turn + FewMs);
    }

    [Fact]
    public void Those_who_find_no_room_in_the_next_window_either_learn_it_as_it_turns()
    {
        Gate.Leave(Gate.Try(weight: 2352));
        var first = Gate.Ask(TrafficClass.Query, weight: 2352);
        var late = Gate.Ask(TrafficClass.Query, weight: 1, waitUntil: Time.In(TimeSpan.FromSeconds(70)));

        Time.Advance(TimeSpan.FromSeconds(38) + FewMs);

        first.Answer().Granted.ShouldBeTrue();
        late.Answer().Reason.ShouldBe(RefusalReason.WeightSpent);
    }

    [Fact]
    public void Orders_are_paced_by_both_windows_and_given_back_whole()
    {
        var tight = TrafficFixture.Limits with { OrdersPerMinute = 302 };
        Gate.Leave(Gate.Try(TrafficClass.Order, orders: 297));
        Gate.Try(TrafficClass.Order, weight: 5, orders: 1).Reason.ShouldBe(RefusalReason.OrdersSpent);
        _fixture.Lane(TrafficLane.Ip).Usage[0].Used.ShouldBe(0);
        Gate.Try(TrafficClass.Cancel, weight: 1).Granted.ShouldBeTrue();

        // The next ten seconds begin at 12:00:30, the next minute at 12:01:00.
        Time.Advance(TimeSpan.FromSeconds(10));
        Gate.Try(TrafficClass.Order, orders: 1, limits: tight).Granted.ShouldBeTrue();
        var refused = Gate.Try(TrafficClass.Order, orders: 1, limits: tight);
        refused.Reason.ShouldBe(RefusalReason.OrdersSpent);
        refused.RetryAt.ShouldBeGreaterThanOrEqualTo(new DateTimeOffset(2026, 3, 1, 12, 1, 0, TimeSpan.Zero));
        _fixture.Lane(TrafficLane.Orders).Usage[0].Used.ShouldBe(1);
        _fixture.At(account: "b").Try(TrafficClass.Order, orders: 1).Granted.ShouldBeTrue();
    }

    [Fact]
    public void Opening_orders_leave_closing_orders_a_share_of_the_counts()
    {
        Gate.Try(TrafficClass.Order, orders: 297).Granted.ShouldBeTrue();
        Gate.Try(TrafficClass.Order, orders: 1).Reason.ShouldBe(RefusalReason.OrdersSpent);

        Gate.Try(TrafficClass.ReducingOrder, orders: 3).Granted.ShouldBeTrue();
        Gate.Try(TrafficClass.ReducingOrder, orders: 1).Reason.ShouldBe(RefusalReason.OrdersSpent);
    }

    [Fact]
    public void Waiters_stand_aside_for_nobody_less_urgent_when_the_window_turns()
    {
        Gate.Leave(Gate.Try(TrafficClass.Cancel, weight: 2400));
        var query = Gate.Ask(TrafficClass.Query, weight: 2400);
        var cancel = Gate.Ask(TrafficClass.Cancel, weight: 1);

        Time.Advance(TimeSpan.FromSeconds(38) + FewMs);

        cancel.Answer().Granted.ShouldBeTrue();
        query.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public void Without_pacing_or_without_a_known_limit_nobody_waits()
    {
        Gate.Try(weight: 5000, limits: TrafficFixture.Limits with { PaceBeforeLimit = false }).Granted.ShouldBeTrue();
        Gate.Try(weight: 5000, limits: new LimitSettings()).Granted.ShouldBeTrue();
        Gate.Try(TrafficClass.Order, orders: 5000, limits: new LimitSettings()).Granted.ShouldBeTrue();

        _fixture.Lane(TrafficLane.Ip).Usage[0].Used.ShouldBe(10_000);
    }

    [Fact]
    public void What_others_use_is_learned_from_any_reply()
    {
        var query = Gate.Try(weight: 1);

        Gate.Reply(query, Time.GetUtcNow(), ("x-mbx-used-weight-1m", "2352"), ("X-MBX-ORDER-COUNT-10S", "296"), ("X-MBX-ORDER-COUNT-1M", "1187"));

        Gate.Try(weight: 1).Reason.ShouldBe(RefusalReason.WeightSpent);
        Gate.Try(TrafficClass.Order, orders: 1).Granted.ShouldBeTrue();
        Gate.Try(TrafficClass.Order, orders: 1).Reason.ShouldBe(RefusalReason.OrdersSpent);
    }

    [Fact]
    public void A_reply_that_arrives_after_its_window_does_not_burden_the_next()
    {
        Time.Advance(TimeSpan.FromSeconds(30));
        var slow = Gate.Try(weight: 1);
        var stamped = Time.GetUtcNow();
        Time.Advance(TimeSpan.FromSeconds(20));
        Gate.Reply(Gate.Try(), Time.GetUtcNow());

        Gate.Reply(slow, stamped, ("X-MBX-USED-WEIGHT-1M", "2400"));

        Gate.Try(weight: 2000).Granted.ShouldBeTrue();
    }

    [Fact]
    public void A_wrong_local_clock_does_not_move_the_windows_of_the_exchange()
    {
        // Here 12:00:22, there 15:00:52.
        Gate.Reply(Gate.Try(weight: 2352), Time.GetUtcNow() + new TimeSpan(3, 0, 30));
        var waiting = Gate.Ask(weight: 1);

        Time.Advance(TimeSpan.FromSeconds(8) + FewMs);

        waiting.Answer().Granted.ShouldBeTrue();
    }

    [Fact]
    public void Waiters_are_told_at_once_when_replies_agree_that_the_window_has_turned()
    {
        Gate.Reply(Gate.Try(weight: 2352), Time.GetUtcNow());
        var waiting = Gate.Ask(weight: 1);
        Time.Advance(TimeSpan.FromSeconds(30));

        for (var seconds = 0; seconds < 3; seconds++)
        {
            waiting.IsCompleted.ShouldBeFalse("several replies must agree");
            Gate.Reply(Gate.Try(), Time.GetUtcNow() + TimeSpan.FromSeconds(15 + seconds));
        }

        waiting.Answer().Granted.ShouldBeTrue();
    }

    [Fact]
    public void A_window_first_heard_of_from_a_reply_is_shown()
    {
        Gate.Reply(Gate.Try(), Time.GetUtcNow(), ("X-MBX-ORDER-COUNT-1D", "77"));

        _fixture.Lane(TrafficLane.Orders).Usage.ShouldContain(new UsageSnapshot { Interval = TimeSpan.FromDays(1), Used = 77 });
    }

    [Fact]
    public void Replies_without_a_usable_date_count_now()
    {
        Gate.Reply(Gate.Try(), null, ("X-MBX-USED-WEIGHT-1M", "2400"));

        Gate.Try(weight: 1).Granted.ShouldBeFalse();
    }

    [Fact]
    public void Saturated_against_an_exchange_with_a_clock_and_a_latency_of_its_own_the_limit_is_used_up_and_never_passed()
    {
        for (var seed = 0; seed < 8; seed++)
        {
            using var fixture = new TrafficFixture(seed);
            var random = new Random(seed);
            var offset = TimeSpan.FromMilliseconds(random.Next(-90_000, 90_000));
            var counted = new SortedDictionary<long, int>();
            var onTheWay = new PriorityQueue<Action, DateTimeOffset>();
            var fetching = new List<Task<Admission>>();
            var gate = fixture.Gate;

            // A reply first: until one has come, the exchange's clock is anybody's guess.
            gate.Reply(gate.Try(), fixture.Time.GetUtcNow() + offset);
            for (var worker = 0; worker < 20; worker++)
            {
                fetching.Add(gate.Ask(weight: 1 + random.Next(3)));
            }

            for (var step = 0; step < 300_000 / 10; step++)
            {
                while (fetching.Find(task => task.IsCompleted) is { } granted)
                {
                    fetching.Remove(granted);
                    var admission = granted.Answer();
                    onTheWay.Enqueue(() => Arrive(admission), fixture.Time.GetUtcNow().AddMilliseconds(10 + random.Next(80)));
                }

                while (onTheWay.TryPeek(out var happens, out var at) && at <= fixture.Time.GetUtcNow())
                {
                    onTheWay.Dequeue();
                    happens();
                }

                fixture.Time.Advance(TimeSpan.FromMilliseconds(10));
            }

            counted.Values.ShouldAllBe(used => used <= 2400, $"seed {seed}");
            
            // The second window may pay for a start at the very end of the first.
            counted.Values.Skip(2).SkipLast(1).ShouldAllBe(used => used >= 2350, $"seed {seed}");

            void Arrive(Admission admission)
            {
                var there = fixture.Time.GetUtcNow() + offset;
                var window = there.ToUnixTimeMilliseconds() / 60_000;
                var used = counted[window] = counted.GetValueOrDefault(window) + admission.Weight;
                onTheWay.Enqueue(
                    () =>
                    {
                        gate.Reply(admission, there, ("X-MBX-USED-WEIGHT-1M", used.ToString(System.Globalization.CultureInfo.InvariantCulture)));
                        fetching.Add(gate.Ask(weight: 1 + random.Next(3)));
                    },
                    fixture.Time.GetUtcNow().AddMilliseconds(10 + random.Next(80)));
            }
        }
    }

    [Theory]
    [InlineData("X-MBX-USED-WEIGHT-1M", TrafficLane.Ip, 60, 1020)]
    [InlineData("X-MBX-ORDER-COUNT-10S", TrafficLane.Orders, 10, 1003)]
    [InlineData("X-MBX-ORDER-COUNT-1M", TrafficLane.Orders, 60, 1003)]
    public void What_is_in_flight_comes_on_top_of_what_others_use_but_for_the_observed_request_itself(string header, object lane, int seconds, int used)
    {
        var (own, other, over, never) = (Gate.Try(TrafficClass.Order, weight: 10, orders: 2), Gate.Try(TrafficClass.Order, weight: 20, orders: 3), Gate.Try(TrafficClass.Order, weight: 40, orders: 7), Gate.Try(TrafficClass.Order, weight: 80, orders: 9));
        Gate.Leave(over);
        Gate.Withdraw(never);

        Gate.Reply(own, _fixture.Time.GetUtcNow(), (header, "1000"));

        other.Granted.ShouldBeTrue();
        _fixture.Lane((TrafficLane)lane).Usage.Single(window => window.Interval == TimeSpan.FromSeconds(seconds)).Used.ShouldBe(used);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7_500)]
    public void What_never_left_is_given_back_whole_to_who_waits_for_it(int afterMs)
    {
        _fixture.Time.Advance(TimeSpan.FromMilliseconds(afterMs)); // Half a second before the window ends, where it counts in the next one as well.
        var never = Gate.Try(TrafficClass.Order, weight: 2400, orders: 300);
        var waiting = Gate.Ask(TrafficClass.ReducingOrder, weight: 2400, orders: 300);
        waiting.IsCompleted.ShouldBeFalse();

        Gate.Withdraw(never);

        waiting.Answer().Waited.ShouldBe(TimeSpan.Zero);
        Gate.Withdraw(waiting.Answer());
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Gate.Try(TrafficClass.Order, weight: 2400, orders: 300).Granted.ShouldBeTrue();
    }

    [Theory]
    [InlineData(-28_800)]
    [InlineData(-3_600)]
    [InlineData(-45)]
    [InlineData(45)]
    [InlineData(3_600)]
    [InlineData(28_800)]
    public void What_was_counted_by_a_wrong_clock_stays_counted_once_the_exchange_has_told_its_time(int secondsOff)
    {
        var there = _fixture.Time.GetUtcNow().AddSeconds(secondsOff);
        var admission = Gate.Try(TrafficClass.Order, weight: 2400, orders: 300);

        Gate.Reply(admission, there);

        Gate.Try(TrafficClass.Order, weight: 1).Granted.ShouldBeFalse();
        Gate.Try(TrafficClass.Order, orders: 1).Granted.ShouldBeFalse();
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        Gate.Try(TrafficClass.Order, weight: 2400, orders: 300).Granted.ShouldBeTrue();
    }

    [Theory]
    [InlineData(-3_600)]
    [InlineData(3_600)]
    public void A_date_that_cannot_be_true_opens_no_window(int secondsOff)
    {
        Gate.Reply(Gate.Try(TrafficClass.ReducingOrder, weight: 1200, orders: 150), _fixture.Time.GetUtcNow());
        var admission = Gate.Try(TrafficClass.ReducingOrder, weight: 1200, orders: 150);

        for (var seconds = 0; seconds < 5; seconds++)
        {
            Gate.Reply(admission, _fixture.Time.GetUtcNow().AddSeconds(secondsOff + seconds), ("X-MBX-USED-WEIGHT-1M", "1"), ("X-MBX-ORDER-COUNT-10S", "1"));

            Gate.Try(TrafficClass.ReducingOrder, weight: 1).Granted.ShouldBeFalse();
            Gate.Try(TrafficClass.ReducingOrder, orders: 1).Granted.ShouldBeFalse();
        }
    }

    [Theory]
    [InlineData(1_048_576)]
    [InlineData(1_200_000)]
    [InlineData(10_000_000)]
    public void A_limit_of_any_size_that_the_settings_accept_is_kept(int limit)
    {
        var limits = TrafficFixture.Limits with { WeightPerMinute = limit, OrdersPer10Seconds = limit, OrdersPerMinute = limit };
        _fixture.Time.Advance(TimeSpan.FromMilliseconds(7_500)); // Where it counts in the next window as well.

        Gate.Leave(Gate.Try(TrafficClass.ReducingOrder, weight: limit - 1, orders: limit - 1, limits: limits));
        Gate.Leave(Gate.Try(TrafficClass.ReducingOrder, weight: 1, orders: 1, limits: limits));
        Gate.Try(TrafficClass.ReducingOrder, weight: 1, limits: limits).Granted.ShouldBeFalse();
        Gate.Try(TrafficClass.ReducingOrder, orders: 1, limits: limits).Granted.ShouldBeFalse();
        _fixture.Time.Advance(TimeSpan.FromSeconds(1));
        Gate.Try(TrafficClass.ReducingOrder, orders: 1, limits: limits).Granted.ShouldBeFalse();
        _fixture.Time.Advance(TimeSpan.FromMinutes(1));
        Gate.Try(TrafficClass.ReducingOrder, weight: 1, orders: 1, limits: limits).Granted.ShouldBeTrue();
    }

    [Fact]
    public void A_limit_beyond_what_can_be_counted_is_kept_as_well()
    {
        var limits = TrafficFixture.Limits with { WeightPerMinute = int.MaxValue };
        var granted = Enumerable.Range(0, 100).Count(_ => Gate.Try(TrafficClass.Cancel, weight: 1_000_000, limits: limits).Granted);

        granted.ShouldBe(16);
    }

    [Fact]
    public void What_never_left_makes_no_room_in_a_later_window()
    {
        var never = Gate.Try(TrafficClass.Order, weight: 1, orders: 10);
        _fixture.Time.Advance(TimeSpan.FromSeconds(10));
        Gate.Try(TrafficClass.Order, weight: 1, orders: 287).Granted.ShouldBeTrue();

        Gate.Withdraw(never);

        Gate.Try(TrafficClass.Order, weight: 1, orders: 1).Granted.ShouldBeFalse();
    }

    [Fact]
    public void Where_nobody_paces_no_limit_is_in_the_way_and_where_nobody_said_so_they_are()
    {
        var free = TrafficFixture.Limits with { PaceBeforeLimit = false };
        new LimitSettings().PaceBeforeLimit.ShouldBeTrue();

        Gate.Try(weight: 2000).Granted.ShouldBeTrue();
        Gate.Try(weight: 2000).Granted.ShouldBeFalse();
        Gate.Try(weight: 2000, limits: free).Granted.ShouldBeTrue();
        Gate.Try(TrafficClass.Order, orders: 250).Granted.ShouldBeTrue();
        Gate.Try(TrafficClass.Order, orders: 250, limits: free).Granted.ShouldBeTrue();
        Gate.Try(TrafficClass.Order, orders: 5000, limits: free).Granted.ShouldBeTrue();
    }
}
