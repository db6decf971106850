namespace ExchangeResilience.Tests.Traffic;

public sealed class ConcurrencyTests : IDisposable
{
    private readonly TrafficFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public void Thirty_two_threads_never_pass_any_limit_and_leave_nothing_unused()
    {
        var gate = _fixture.Gate;
        int weight = 0, orders = 0;
        Threads.Run(32, index =>
        {
            for (var i = 0; i < 400; i++)
            {
                if (index % 2 == 0 && gate.Try(TrafficClass.ReducingOrder, weight: 5, orders: 1) is { Granted: true } order)
                {
                    Interlocked.Add(ref weight, 5);
                    Interlocked.Increment(ref orders);
                    gate.Leave(order);
                }

                if (gate.Try(TrafficClass.Cancel, weight: 1) is { Granted: true } cancel)
                {
                    Interlocked.Increment(ref weight);
                    gate.Leave(cancel);
                }
            }
        });

        orders.ShouldBe(_fixture.Lane(TrafficLane.Orders).Usage[0].Used);
        orders.ShouldBeLessThanOrEqualTo(300);
        weight.ShouldBe(2400);
        _fixture.Lane(TrafficLane.Ip).Usage[0].Used.ShouldBe(2400);
    }

    [Fact]
    public void Nothing_leaves_whose_asking_began_after_the_hold_was_registered()
    {
        for (var round = 0; round < 20; round++)
        {
            using var fixture = new TrafficFixture(round);
            var gate = fixture.Gate;
            var registered = 0;
            var tooLate = 0;
            Threads.Run(8, index =>
            {
                for (var i = 0; i < 2000; i++)
                {
                    if (index == 0 && i == 1000)
                    {
                        gate.Ban(TimeSpan.FromMinutes(1));
                        Volatile.Write(ref registered, 1);
                    }

                    var knownBefore = Volatile.Read(ref registered);
                    var admission = gate.Try(weight: i % 2, limits: new LimitSettings());
                    gate.Leave(admission);
                    if (knownBefore == 1 && admission.Granted)
                    {
                        Interlocked.Increment(ref tooLate);
                    }
                }
            });

            tooLate.ShouldBe(0);
        }
    }

    [Fact]
    public void Every_waiter_gets_exactly_one_answer_whatever_happens_at_once()
    {
        for (var round = 0; round < 10; round++)
        {
            using var fixture = new TrafficFixture(round);
            var gate = fixture.Gate;
            var limits = new LimitSettings { MaxWaiters = 300 };
            gate.Ban(TimeSpan.FromSeconds(1));
            var asked = new System.Collections.Concurrent.ConcurrentBag<Task<Admission>>();
            Threads.Run(8, index =>
            {
                if (index == 0)
                {
                    for (var i = 0; i < 400; i++)
                    {
                        fixture.Time.Advance(TimeSpan.FromMilliseconds(20));
                    }

                    return;
                }

                var random = new Random((round * 10) + index);
                for (var i = 0; i < 200; i++)
                {
                    using var cancellation = new CancellationTokenSource();
                    var waitUntil = random.Next(3) == 0 ? fixture.Time.In(TimeSpan.FromMilliseconds(random.Next(6000))) : long.MaxValue;
                    var task = gate.Ask((TrafficClass)random.Next(TrafficRule.Classes), limits: limits, waitUntil: waitUntil, cancellation: cancellation.Token);
                    asked.Add(task);
                    if (random.Next(3) == 0)
                    {
                        cancellation.Cancel();
                    }

                    _ = LeaveAfter(task);
                }
            });

            // Whatever is left over leaves within the ramp that follows the hold.
            for (var i = 0; i < 2000 && asked.Any(task => !task.IsCompleted); i++)
            {
                fixture.Time.Advance(TimeSpan.FromSeconds(1));
                Thread.Yield();
            }

            asked.ShouldAllBe(task => task.IsCompleted);
            fixture.Control.Snapshot().Sum(lane => lane.Waiters).ShouldBe(0);

            async Task LeaveAfter(Task<Admission> task) => gate.Leave(await task);
        }
    }

    [Fact]
    public void The_open_way_allocates_nothing()
    {
        var gate = _fixture.Gate;
        var headers = GateWords.Headers(_fixture.Time.GetUtcNow(), ("X-MBX-USED-WEIGHT-1M", "12"), ("X-MBX-ORDER-COUNT-10S", "1"));

        // Until the optimised code is in place: .NET puts that off for as long as other tests bring new code.
        long allocated;
        var began = TimeProvider.System.GetTimestamp();
        do
        {
            _fixture.Time.Advance(TimeSpan.FromMinutes(1));
            headers = GateWords.Headers(_fixture.Time.GetUtcNow(), ("X-MBX-USED-WEIGHT-1M", "12"), ("X-MBX-ORDER-COUNT-10S", "1"));
            Pass(100);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Pass(1000);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        while (allocated > 0 && TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(1));

        allocated.ShouldBe(0);

        void Pass(int times)
        {
            for (var i = 0; i < times; i++)
            {
                var orders = i % 8 == 7 ? 1 : 0;
                var request = new TrafficRequest(orders == 0 ? TrafficClass.Query : TrafficClass.Order, 1, orders, orders, TrafficFixture.Limits);
                _fixture.Gate.TryEnter(request, _fixture.Time.GetTimestamp(), out var admission).ShouldBeTrue();
                gate.Observe(admission, headers);
                gate.Leave(admission);
            }
        }
    }
}
