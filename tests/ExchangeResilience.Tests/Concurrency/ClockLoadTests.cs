using System.Collections.Concurrent;

namespace ExchangeResilience.Tests.Concurrency;

/// <summary>What must hold of the clock while it is set by several and read by many.</summary>
[Collection(nameof(Stress))]
public sealed class ClockLoadTests
{
    private const int Crowd = 6;
    private const int Setters = 3;

    private static readonly long FirstMs = ClockTestTime.Start.ToUnixTimeMilliseconds();

    /// <summary>Every sample has a time and a round trip of its own, so that a reading tells which one it is of.</summary>
    [Fact]
    public void A_reading_is_of_one_measurement_and_the_next_of_no_older_one()
    {
        using var crew = new Crew(Crowd);
        for (var seed = 1; seed <= 200; seed++)
        {
            var time = new ClockTestTime();
            var clock = new ExchangeClock("live", time);
            var stamps = new ConcurrentDictionary<int, long>();
            int asked = 0, inFlight = 0, refined = 0;
            crew.Run(thread =>
            {
                var seen = 0;
                for (var i = 0; i < 100; i++)
                {
                    if (thread == 0)
                    {
                        clock.StartRefine(_ => Task.FromResult(Sample(Interlocked.Increment(ref refined) + 1_000_000)), samples: 2).GetAwaiter().GetResult();
                    }
                    else if (thread < Setters)
                    {
                        var before = clock.Generation;
                        clock.SynchroniseAsync(AskAsync, before, CancellationToken.None).GetAwaiter().GetResult();
                        clock.Generation.ShouldBeGreaterThan(before, $"seed {seed}");
                    }
                    else if (clock.Read() is { Generation: > 0 } reading)
                    {
                        reading.Generation.ShouldBeGreaterThanOrEqualTo(seen, $"seed {seed}");
                        seen = reading.Generation;
                        stamps.GetOrAdd(reading.Generation, reading.StampMs).ShouldBe(reading.StampMs, $"seed {seed}: generation {reading.Generation} is two measurements");
                        (reading.NowMs - reading.StampMs).ShouldBe((RoundTripMs(reading.StampMs) + 1) / 2, $"seed {seed}");
                    }
                }
            });

            clock.Generation.ShouldBeInRange(asked, asked + refined, $"seed {seed}");

            async Task<ClockSample> AskAsync(CancellationToken cancellationToken)
            {
                Interlocked.Increment(ref inFlight).ShouldBe(1, $"seed {seed}: one question at a time");
                var number = Interlocked.Increment(ref asked);
                await Task.Yield();
                Interlocked.Decrement(ref inFlight);
                return Sample(number);
            }

            ClockSample Sample(int number)
            {
                var server = FirstMs + (1000L * number);
                var now = time.GetTimestamp();
                return new ClockSample(server, now - (RoundTripMs(server) * (time.TimestampFrequency / 1000)), now);
            }
        }

        static long RoundTripMs(long server) => server / 1000 % 50;
    }

    [Fact]
    public async Task A_reading_lies_between_the_exchanges_times_before_and_after_it()
    {
        using var crew = new Crew(Crowd);
        for (var seed = 1; seed <= 50; seed++)
        {
            var time = new ClockTestTime();
            var clock = new ExchangeClock("live", time);
            await clock.SynchroniseAsync(AskAsync, 0, CancellationToken.None);
            crew.Run(thread =>
            {
                var random = new Random((seed * 10) + thread);
                for (var i = 0; i < 300; i++)
                {
                    switch (thread)
                    {
                        case 0:
                            time.Advance(TimeSpan.FromMilliseconds(random.Next(20)));
                            time.StepWall(TimeSpan.FromMilliseconds(random.Next(-3000, 3000)));
                            break;
                        case 1:
                            clock.SynchroniseAsync(AskAsync, clock.Generation, CancellationToken.None).GetAwaiter().GetResult();
                            break;
                        default:
                            var earliest = ExchangeMs();
                            var (now, stamp) = (clock.NowMs, clock.StampMs);
                            var latest = ExchangeMs();
                            now.ShouldBeInRange(earliest, latest, $"seed {seed}");
                            stamp.ShouldBeInRange(earliest, latest, $"seed {seed}");
                            break;
                    }
                }
            });

            Task<ClockSample> AskAsync(CancellationToken cancellationToken)
            {
                var now = time.GetTimestamp();
                return Task.FromResult(new ClockSample(ToMs(now), now, now));
            }

            long ExchangeMs() => ToMs(time.GetTimestamp());

            long ToMs(long timestamp) => FirstMs + (timestamp / (time.TimestampFrequency / 1000));
        }
    }
}
