namespace ExchangeResilience.Tests.Traffic;

/// <summary>Processes behind one address that share what the exchange allows them together.</summary>
public sealed class SharedBudgetTests(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    // The window of 12:00:22 ends after 38 s; the exchange's clock is taken to be a little behind.
    private static readonly TimeSpan ToTheNextMinute = TimeSpan.FromSeconds(38.5);

    private readonly TrafficTestTime _time = new();
    private readonly SharedBudgetStore _store = new();
    private readonly List<TrafficFixture> _members = [];

    public void Dispose() => _members.ForEach(static member => member.Dispose());

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(32)]
    public void Members_that_want_three_times_the_weight_use_it_up_and_never_pass_it(int members)
    {
        var exchange = new CountingExchange(_time, Minute);
        var served = Run(exchange, members, TimeSpan.FromMinutes(4), (gate, random) => gate.Ask(TrafficClass.Query, weight: 1 + random.Next(3)), static admission => admission.Weight, "X-MBX-USED-WEIGHT-1M");

        exchange.Windows.ShouldAllBe(used => used <= 2400);

        // Queries may use 98 %. The first window was entered late, the second pays for what straddled, the last is cut.
        exchange.Windows.Skip(2).SkipLast(1).ShouldAllBe(used => used >= 2400 * 0.95);
        output.WriteLine($"{members} members: windows {string.Join(' ', exchange.Windows)}; {_store.Asks} asks for {served} requests, {(double)_store.Asks / served:0.000} each");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(32)]
    public void Members_that_want_three_times_the_orders_use_them_up_and_never_pass_them(int members)
    {
        var exchange = new CountingExchange(_time, TimeSpan.FromSeconds(10));
        var limits = TrafficFixture.Limits with { OrdersPerMinute = 6000 };
        var served = Run(exchange, members, TimeSpan.FromMinutes(1), (gate, _) => gate.Ask(TrafficClass.Order, orders: 1, limits: limits), static _ => 1, "X-MBX-ORDER-COUNT-10S");

        exchange.Windows.ShouldAllBe(used => used <= 300);
        exchange.Windows.Skip(2).SkipLast(1).ShouldAllBe(used => used >= 300 * 0.95);
        output.WriteLine($"{members} members: windows {string.Join(' ', exchange.Windows)}; {_store.Asks} asks for {served} requests, {(double)_store.Asks / served:0.000} each");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(8)]
    public void What_a_member_sends_as_a_window_turns_is_not_given_to_the_others_as_well(int members)
    {
        var gates = Enumerable.Range(0, members).Select(_ => Join()).ToArray();
        _time.Advance(TimeSpan.FromSeconds(7));
        foreach (var gate in gates)
        {
            gate.Reply(gate.Ask().Answer(), new DateTimeOffset(2026, 3, 1, 12, 0, 29, TimeSpan.Zero));
        }

        // The next window has begun at the exchange, and is about to for the members, whose time is a little behind.
        _time.Advance(TimeSpan.FromMilliseconds(1_080));
        var early = Orders(gates[0]);
        _time.Advance(TimeSpan.FromSeconds(1));
        var together = early + gates.Sum(Orders);

        early.ShouldBeGreaterThan(0);
        together.ShouldBeInRange(250, 300);

        static int Orders(Gate gate)
        {
            var granted = 0;
            while (gate.Ask(TrafficClass.Order, orders: 1, waitUntil: gate.LaneScheduler.Time.GetTimestamp() + TimeSpan.TicksPerMillisecond).Answer().Granted)
            {
                granted++;
            }

            return granted;
        }
    }

    [Theory]
    [InlineData(150)]
    [InlineData(900)]
    public void What_is_long_on_its_way_as_a_window_turns_is_not_given_to_the_others_as_well(int late)
    {
        var gates = Enumerable.Range(0, 2).Select(_ => Join()).ToArray();
        foreach (var gate in gates)
        {
            gate.Reply(gate.Ask(weight: 1).Answer(), _time.GetUtcNow());
        }

        // More than a second before the turn, and unanswered when it comes.
        _time.Advance(TimeSpan.FromSeconds(35));
        for (var i = 0; i < late; i++)
        {
            gates[0].Ask(weight: 1).Answer().Granted.ShouldBeTrue();
        }

        _time.Advance(TimeSpan.FromSeconds(5));
        var next = Spend(gates[0], TrafficClass.Query) + Spend(gates[1], TrafficClass.Query);

        (late + next).ShouldBeInRange(2300, 2352);
    }

    [Fact]
    public void While_the_orders_of_a_minute_are_spent_none_of_ten_seconds_are_asked_for()
    {
        var gate = Join();
        while (Order().Granted)
        {
        }

        var asks = _store.Asks;
        for (var window = 0; window < 3; window++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            Order().Reason.ShouldBe(RefusalReason.OrdersSpent);
        }

        _store.Asks.ShouldBe(asks);

        Admission Order() => gate.Ask(TrafficClass.Order, orders: 1, limits: TrafficFixture.Limits with { OrdersPerMinute = 100 }, waitUntil: _time.GetTimestamp() + TimeSpan.TicksPerMillisecond).Answer();
    }

    [Fact]
    public void One_member_alone_gets_all_of_it()
    {
        var gate = Join();

        Spend(gate, TrafficClass.Query).ShouldBe(2352);
        Spend(gate, TrafficClass.Cancel).ShouldBe(48);
    }

    [Fact]
    public void The_only_busy_one_of_eight_gets_nearly_all_of_it()
    {
        var gates = Enumerable.Range(0, 8).Select(_ => Join()).ToArray();
        foreach (var idle in gates[1..])
        {
            idle.Ask(weight: 5).Answer().Granted.ShouldBeTrue();
        }

        Spend(gates[0], TrafficClass.Query).ShouldBeGreaterThan(2300 - 35);
    }

    [Fact]
    public void What_one_member_has_used_another_cannot_and_is_told_when_the_window_ends()
    {
        Spend(Join(), TrafficClass.Query);
        var other = Join();

        var answer = other.Ask(weight: 1, waitUntil: _time.In(TimeSpan.FromSeconds(5))).Answer();

        answer.Reason.ShouldBe(RefusalReason.WeightSpent);
        answer.RetryAt.ShouldBeGreaterThanOrEqualTo(new DateTimeOffset(2026, 3, 1, 12, 1, 0, TimeSpan.Zero));
        other.Ask(TrafficClass.Cancel, weight: 1).Answer().Granted.ShouldBeTrue();
    }

    [Fact]
    public void Who_waits_for_the_store_is_not_turned_away_and_what_it_gives_goes_to_the_most_urgent()
    {
        var other = Join();
        for (var i = 0; i < 296; i++)
        {
            other.Ask(TrafficClass.Order, orders: 1).Answer().Granted.ShouldBeTrue();
        }

        var gate = Join();
        _store.Answers = new();
        var order = gate.Ask(TrafficClass.Order, orders: 1, waitUntil: _time.In(TimeSpan.FromSeconds(5)));
        var reducing = gate.Ask(TrafficClass.ReducingOrder, orders: 1, waitUntil: _time.In(TimeSpan.FromSeconds(5)));
        order.IsCompleted.ShouldBeFalse();
        reducing.IsCompleted.ShouldBeFalse();

        _store.Answers.SetResult();
        SpinWait.SpinUntil(() => order.IsCompleted, TimeSpan.FromSeconds(10)).ShouldBeTrue();

        reducing.Answer().Granted.ShouldBeTrue();
        order.Answer().Reason.ShouldBe(RefusalReason.OrdersSpent);
    }

    [Fact]
    public void An_answer_that_does_not_come_ends_the_wait_when_its_time_is_up()
    {
        _store.Answers = new();
        var waiting = Join().Ask(weight: 1, waitUntil: _time.In(TimeSpan.FromSeconds(5)));

        _time.Advance(TimeSpan.FromSeconds(5));

        waiting.Answer().Granted.ShouldBeFalse();
    }

    [Fact]
    public void What_strangers_use_on_the_address_is_left_to_them()
    {
        var first = Join();
        var second = Join();
        first.Reply(first.Ask(weight: 1).Answer(), _time.GetUtcNow(), ("X-MBX-USED-WEIGHT-1M", "1001"));

        var together = Spend(first, TrafficClass.Query) + Spend(second, TrafficClass.Query);

        together.ShouldBeInRange(1300, 2352 - 1001);
    }

    [Fact]
    public void While_the_store_is_away_each_keeps_to_its_share_from_the_next_window_on_and_says_so_once()
    {
        var gates = Enumerable.Range(0, 4).Select(_ => Join()).ToArray();
        Array.ForEach(gates, static gate => gate.Leave(gate.Ask(weight: 1).Answer()));
        _store.IsAway = true;

        // What was given is all there is for now.
        gates.Sum(gate => Spend(gate, TrafficClass.Query)).ShouldBeLessThan(2352);
        _time.Advance(ToTheNextMinute);
        foreach (var gate in gates)
        {
            Spend(gate, TrafficClass.Query).ShouldBe(588);
            Spend(gate, TrafficClass.Cancel).ShouldBe(12);
        }

        _members.ShouldAllBe(static member => member.Log.Of("SharedBudgetAway").Count() == 1);
        _store.IsAway = false;
        _time.Advance(Minute);
        gates.Sum(gate => Spend(gate, TrafficClass.Query)).ShouldBeLessThanOrEqualTo(2400);
        _time.Advance(Minute);
        gates.Sum(gate => Spend(gate, TrafficClass.Query)).ShouldBe(2352);
        _members.ShouldAllBe(static member => member.Log.Of("SharedBudgetAway").Count() == 1 && member.Log.Of("SharedBudgetBack").Count() == 1);
    }

    [Fact]
    public void What_was_taken_while_the_store_was_away_is_told_it_when_it_is_back()
    {
        var gates = new[] { Join(), Join() };
        Array.ForEach(gates, static gate => gate.Leave(gate.Ask(weight: 1).Answer()));
        _store.IsAway = true;
        Array.ForEach(gates, gate => Spend(gate, TrafficClass.Query));
        _time.Advance(ToTheNextMinute);
        Spend(gates[0], TrafficClass.Query).ShouldBe(1176);

        _store.IsAway = false;
        _time.Advance(TimeSpan.FromSeconds(2));

        gates.Sum(gate => Spend(gate, TrafficClass.Query)).ShouldBeInRange(1000, 1176);
    }

    [Fact]
    public async Task Threads_of_many_members_together_are_never_given_more_than_the_limit()
    {
        for (var round = 0; round < 5; round++)
        {
            var store = new SharedBudgetStore { Members = 8 };
            var members = Enumerable.Range(0, 8).Select(seed => new TrafficFixture(seed, _time, store)).ToArray();
            var (used, urgent) = (0, 0);
            await Task.WhenAll(Enumerable.Range(0, 16).Select(thread => Task.Run(async () =>
            {
                var gate = members[thread % 8].Gate;
                var random = new Random(thread);
                for (var i = 0; i < 400; i++)
                {
                    var isUrgent = random.Next(10) == 0;
                    var weight = 1 + random.Next(4);
                    var asked = gate.Ask(isUrgent ? TrafficClass.Cancel : TrafficClass.Query, weight, waitUntil: _time.In(Minute / 2));
                    if ((await asked.WaitAsync(TimeSpan.FromSeconds(10))).Granted)
                    {
                        Interlocked.Add(ref isUrgent ? ref urgent : ref used, weight);
                    }
                }
            })));

            store.GrantedOf(Minute).Sum().ShouldBeLessThanOrEqualTo(2400);
            (used + urgent).ShouldBeInRange(2300, 2400);
            Array.ForEach(members, static member => member.Dispose());
        }
    }

    private Gate Join()
    {
        var member = new TrafficFixture(_members.Count, _time, _store);
        _members.Add(member);
        _store.Members = _members.Count;
        return member.Gate;
    }

    private int Spend(Gate gate, TrafficClass trafficClass)
    {
        var spent = 0;
        while (gate.Ask(trafficClass, weight: 1, waitUntil: _time.In(TimeSpan.FromMilliseconds(1))).Answer() is { Granted: true } admission)
        {
            gate.Leave(admission);
            spent++;
        }

        return spent;
    }

    /// <summary>Lets 24 callers to a member ask again as soon as they are answered, over a line of 10 to 90 ms each way.</summary>
    private int Run(CountingExchange exchange, int members, TimeSpan length, Func<Gate, Random, Task<Admission>> ask, Func<Admission, int> amount, string header)
    {
        var random = new Random(members);
        var onTheWay = new PriorityQueue<Action, DateTimeOffset>();
        var asking = new List<(Gate Gate, Task<Admission> Task)>();
        var served = 0;
        foreach (var gate in Enumerable.Range(0, members).Select(_ => Join()).ToArray())
        {
            gate.Reply(gate.Ask().Answer(), _time.GetUtcNow());
            asking.AddRange(Enumerable.Range(0, Math.Max(3, 64 / members)).Select(_ => (gate, ask(gate, random))));
        }

        for (var end = _time.GetUtcNow() + length; _time.GetUtcNow() < end; _time.Advance(TimeSpan.FromMilliseconds(10)))
        {
            foreach (var (gate, task) in asking.Where(static asked => asked.Task.IsCompleted).ToArray())
            {
                asking.Remove((gate, task));
                var admission = task.Answer();
                onTheWay.Enqueue(() => Arrive(gate, admission), _time.GetUtcNow().AddMilliseconds(10 + random.Next(80)));
            }

            while (onTheWay.TryPeek(out var happens, out var at) && at <= _time.GetUtcNow())
            {
                onTheWay.Dequeue();
                happens();
            }
        }

        return served;

        void Arrive(Gate gate, Admission admission)
        {
            served++;
            var there = _time.GetUtcNow();
            var used = exchange.Count(amount(admission));
            onTheWay.Enqueue(
                () =>
                {
                    gate.Reply(admission, there, (header, used.ToString(System.Globalization.CultureInfo.InvariantCulture)));
                    asking.Add((gate, ask(gate, random)));
                },
                there.AddMilliseconds(10 + random.Next(80)));
        }
    }

    private sealed class CountingExchange(TimeProvider time, TimeSpan interval)
    {
        private readonly SortedDictionary<long, int> _counted = [];

        public IReadOnlyCollection<int> Windows => _counted.Values;

        public int Count(int amount)
        {
            var window = time.GetUtcNow().ToUnixTimeMilliseconds() / (long)interval.TotalMilliseconds;
            return _counted[window] = _counted.GetValueOrDefault(window) + amount;
        }
    }
}
