using ExchangeResilience.Tests.Traffic;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>Short races at the gate, each held against the gate of a single thread.</summary>
[Collection(nameof(Stress))]
public sealed class GateHistoryTests
{
    private const int Rounds = 4_000;

    private static readonly LimitSettings Limits = new() { WeightPerMinute = GateModel.WeightLimit, ProbeTimeout = GateModel.ProbeTimeout };

    // The shortest a lane told to close for so long may stay closed.
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(3, 6)]
    [InlineData(4, 4)]
    public void Whatever_threads_are_told_at_once_they_could_have_been_told_one_after_the_other(int threads, int calls)
    {
        using var crew = new Crew(threads);
        for (var seed = 1; seed <= Rounds; seed++)
        {
            using var fixture = new TrafficFixture(seed);
            var start = fixture.Time.GetTimestamp();
            var history = new History<GateCall>();
            var gate = fixture.Gate;
            crew.Run(thread => Act(thread, new Random((seed * 10) + thread), calls, gate, fixture.Time, history));

            Linearizability.Explains([.. history.Calls.SelectMany(GateModel.StepsOf)], new GateModel(start), GateModel.Answer).ShouldBeTrue($"seed {seed}, {threads} threads:{Environment.NewLine}{history}");
        }
    }

    private static void Act(int thread, Random random, int calls, Gate gate, TrafficTestTime time, History<GateCall> history)
    {
        var inside = new List<Admission>();
        var mayOutwaitProbes = true;
        for (var i = 0; i < calls; i++)
        {
            Thread.SpinWait(random.Next(60));
            switch (random.Next(10))
            {
                case < 5:
                    Enter(random.Next(3) == 0 ? TrafficClass.Evidence : TrafficClass.Query, random.Next(5));
                    break;
                case < 7 when inside.Count > 0:
                    Leave(refused: random.Next(4) == 0);
                    break;

                // Time has one hand.
                case < 9 when thread == 0:
                    var seconds = mayOutwaitProbes && random.Next(5) == 0 ? 16 : random.Next(1, 4);
                    mayOutwaitProbes &= seconds < 16;
                    history.Record(thread, () =>
                    {
                        time.Advance(TimeSpan.FromSeconds(seconds));
                        return new TimePassed(TimeSpan.TicksPerSecond * seconds);
                    });
                    break;
                case 9:
                    Close(TimeSpan.FromSeconds(random.Next(1, 4)));
                    break;
                default:
                    Enter(TrafficClass.Evidence, weight: 1);
                    break;
            }
        }

        void Enter(TrafficClass trafficClass, int weight) => history.Record(thread, () =>
        {
            var now = time.GetTimestamp();
            var admission = gate.Try(trafficClass, weight, limits: Limits);
            if (admission.Granted)
            {
                inside.Add(admission);
            }

            return new Entered(trafficClass, weight, admission.Granted, admission.Reason, admission.Tickets[0]) { At = now };
        });

        void Leave(bool refused) => history.Record(thread, () =>
        {
            var now = time.GetTimestamp();
            var admission = inside[0];
            inside.RemoveAt(0);
            gate.Leave(admission, refused ? TrafficLane.Ip : TrafficLane.None);
            return new Left(admission.Tickets[0], refused) { At = now };
        });

        void Close(TimeSpan length) => history.Record(thread, () =>
        {
            var now = time.GetTimestamp();
            var hold = gate.Ban(length);
            return new Closed((length + Margin).Ticks, hold.Extended, hold.Remaining.Ticks) { At = now };
        });
    }
}
