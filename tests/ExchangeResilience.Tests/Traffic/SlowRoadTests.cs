using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Traffic;

/// <summary>A request is counted where it arrives, however long it is on its way.</summary>
public sealed class SlowRoadTests
{
    private const int Limit = 120;
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1_000)]
    [InlineData(1_200)]
    [InlineData(2_000)]
    [InlineData(4_000)]
    [InlineData(8_000)]
    public async Task What_left_before_a_minute_turned_counts_in_the_one_it_arrives_in(int roundTripMs)
    {
        var roundTrip = TimeSpan.FromMilliseconds(roundTripMs);
        using var world = new SimulatedFixture(
            static options => options.MaxWait = TimeSpan.FromSeconds(20),
            exchange: options => (options.WeightPerMinute, options.Latency) = (Limit, roundTrip),
            time: new ManualTimeProvider(Start));

        await world.Time.RunAsync(async () =>
        {
            using var warm = await world.Http.GetAsync("/fapi/v2/account");
            await Task.Delay(TimeSpan.FromSeconds(60.3) - (roundTrip / 2) - world.Time.Elapsed, world.Time);
            var early = Ask(80);
            await Task.Delay(TimeSpan.FromSeconds(60.6) - world.Time.Elapsed, world.Time);
            var late = Ask(100);
            await Task.WhenAll([.. early, .. late]);
        });

        world.Exchange.Requests.ShouldAllBe(static request => request.Status == 200);
        world.Exchange.Requests.Count(static request => request.Time >= Start.AddMinutes(1) && request.Time < Start.AddMinutes(2)).ShouldBeGreaterThan(100, "and the limit is used");

        List<Task<Told>> Ask(int times) => [.. Enumerable.Range(0, times).Select(_ => Told.HearAsync(world.Http.GetAsync("/fapi/v1/ping")))];
    }
}
