using System.Collections.Concurrent;
using ExchangeResilience.Tests.Traffic;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>What must hold at the gate whoever else is there.</summary>
[Collection(nameof(Stress))]
public sealed class GateLoadTests
{
    private const int Crowd = 8;

    [Fact]
    public void No_window_is_granted_more_than_its_limit_while_one_follows_another()
    {
        using var crew = new Crew(Crowd);
        const int Calls = 300;
        for (var seed = 1; seed <= 10; seed++)
        {
            using var fixture = new TrafficFixture(seed);
            var done = new int[Crowd];
            var (gate, time) = (fixture.Gate, fixture.Time);
            var limits = new LimitSettings { WeightPerMinute = 400, OrdersPer10Seconds = 20, OrdersPerMinute = 70 };
            var granted = new ConcurrentDictionary<(string Limit, long Window), int>();
            crew.Run(thread =>
            {
                var random = new Random((seed * 10) + thread);
                for (var i = 0; i < Calls; i++)
                {
                    if (thread == 0)
                    {
                        // Time waits for everybody: a thread that holds a reading windows old would be taken for a clock set back.
                        int[] seen = [.. done];
                        SpinWait.SpinUntil(() => Enumerable.Range(1, Crowd - 1).All(other => Volatile.Read(ref done[other]) > Math.Min(seen[other], Calls)));
                        time.Advance(TimeSpan.FromMilliseconds(random.Next(1_000)));
                        continue;
                    }

                    Volatile.Write(ref done[thread], i + 1);

                    var orders = random.Next(2);
                    var weight = random.Next(1, 5);
                    var before = gate.LaneScheduler.Clock.At(time.GetTimestamp());
                    var admission = gate.Try(orders == 0 ? TrafficClass.Query : TrafficClass.Order, weight, orders, limits);
                    if (admission.Granted)
                    {
                        var after = gate.LaneScheduler.Clock.At(time.GetTimestamp());
                        Count("weight", 60_000, weight);
                        Count("orders in 10 s", 10_000, orders);
                        Count("orders", 60_000, orders);
                        gate.Leave(admission);

                        // One that straddles two windows may be counted in either.
                        void Count(string limit, long length, int amount)
                        {
                            if (before / length == after / length)
                            {
                                granted.AddOrUpdate((limit, after / length), amount, (_, sum) => sum + amount);
                            }
                        }
                    }
                }

                Volatile.Write(ref done[thread], Calls + 1);
            });

            Most("weight").ShouldBeLessThanOrEqualTo(400, $"seed {seed}");
            Most("orders in 10 s").ShouldBeLessThanOrEqualTo(20, $"seed {seed}");
            Most("orders").ShouldBeLessThanOrEqualTo(70, $"seed {seed}");
            Most("orders in 10 s").ShouldBeGreaterThan(10, $"seed {seed}: too few ask");

            int Most(string limit) => granted.Where(entry => entry.Key.Limit == limit).Max(entry => entry.Value);
        }
    }

    [Fact]
    public void A_reopening_lane_gives_its_tickets_to_as_many_as_it_says_however_many_ask()
    {
        using var crew = new Crew(Crowd);
        for (var seed = 1; seed <= 500; seed++)
        {
            using var fixture = new TrafficFixture(seed);
            var gate = fixture.Gate;
            fixture.Outwait(gate.Ban(TimeSpan.FromSeconds(1)));
            foreach (var tickets in (ReadOnlySpan<int>)[1, 2, 4, 8, 16])
            {
                var inside = new ConcurrentBag<Admission>();
                crew.Run(_ =>
                {
                    for (var i = 0; i < 4; i++)
                    {
                        if (gate.Try() is { Granted: true } admission)
                        {
                            inside.Add(admission);
                        }
                    }
                });

                inside.Count.ShouldBe(tickets, $"seed {seed}");
                var back = new ConcurrentQueue<Admission>(inside);
                crew.Run(_ =>
                {
                    while (back.TryDequeue(out var admission))
                    {
                        gate.Leave(admission);
                    }
                });
            }

            fixture.Lane(TrafficLane.Ip).State.ShouldBe(LaneState.Open, $"seed {seed}");
        }
    }

    [Fact]
    public void A_hold_that_somebody_was_told_of_is_never_shortened()
    {
        using var crew = new Crew(Crowd);
        for (var seed = 1; seed <= 300; seed++)
        {
            using var fixture = new TrafficFixture(seed);
            var gate = fixture.Gate;
            long told = 0;
            crew.Run(thread =>
            {
                var random = new Random((seed * 10) + thread);
                for (var i = 0; i < 20; i++)
                {
                    var before = Interlocked.Read(ref told);
                    var remaining = gate.Ban(TimeSpan.FromSeconds(random.Next(1, 600))).Remaining.Ticks;
                    remaining.ShouldBeGreaterThanOrEqualTo(before, $"seed {seed}");
                    for (var known = before; known < remaining; known = Interlocked.Read(ref told))
                    {
                        Interlocked.CompareExchange(ref told, remaining, known);
                    }
                }
            });

            (fixture.Lane(TrafficLane.Ip).HeldUntil!.Value - fixture.Time.GetUtcNow()).Ticks.ShouldBe(told, $"seed {seed}");
        }
    }

    [Fact]
    public void Nobody_stands_before_room_that_is_free()
    {
        using var crew = new Crew(4);
        for (var seed = 1; seed <= 1_000; seed++)
        {
            using var fixture = new TrafficFixture(seed);
            var gate = fixture.Gate;
            var limits = new LimitSettings { WeightPerMinute = 10, OrdersPer10Seconds = 1, OrdersPerMinute = 1200 };
            gate.Leave(gate.Try(TrafficClass.Order, 1, 1, limits));
            var asked = new ConcurrentBag<Task<Admission>>();
            crew.Run(thread =>
            {
                // Orders take up weight for a moment, until they meet the limit of their own.
                var random = new Random((seed * 10) + thread);
                for (var i = 0; i < 40; i++)
                {
                    if (thread > 0)
                    {
                        gate.Leave(gate.Try(TrafficClass.Order, 6, 1, limits));
                    }
                    else if (i % 10 == 0)
                    {
                        Thread.SpinWait(random.Next(60));
                        asked.Add(gate.Ask(TrafficClass.Evidence, 2, limits: limits));
                    }
                }
            });

            var answered = asked.Count(task => task.IsCompleted);
            gate.LaneScheduler.Reconsider();
            asked.Count(task => task.IsCompleted).ShouldBe(answered, $"seed {seed}");
            answered.ShouldBe(4, $"seed {seed}");
        }
    }
}
