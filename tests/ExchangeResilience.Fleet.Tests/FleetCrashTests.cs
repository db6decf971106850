using System.Globalization;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Fleet.Tests;

/// <summary>
/// Eight processes of one account that place orders while members are killed and the store goes away and comes back, held against the exchange's book and the store's own. FLEET_SEED changes
/// faults and victims.
/// </summary>
public sealed class FleetCrashTests(Store store, ITestOutputHelper output)
{
    private const int Members = 8;
    private const int Orders = 3500;
    private const int Parallel = 8;
    private const int Kills = 20;
    private const int Outages = 3;
    private static readonly int Seed = Environment.GetEnvironmentVariable("FLEET_SEED") is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : 1;
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task No_order_is_lost_or_doubled_whoever_is_killed_and_whatever_the_store_does()
    {
        var state = await store.NewDatabaseAsync();
        await using var market = await Market.OpenAsync(Members, latency: TimeSpan.FromMilliseconds(20));
        market.Exchange.Faults.Plan = FaultsOf(Seed);
        await using var fleet = new Fleet(market, state, Members, Orders, Parallel);
        var random = new Random(Seed);
        var began = TimeProvider.System.GetTimestamp();
        fleet.Start();
        await fleet.OneHasStartedAsync();
        await Verdicts.WatchAsync(state);
        for (var blow = 1; blow <= Kills + Outages; blow++)
        {
            // Evenly over the orders, and now and then the store instead of a member.
            var due = Orders * blow / (Kills + Outages + 1);
            await Wait.UntilAsync(() => market.Exchange.Scoreboard.Executions >= due, Patience, $"{due} orders");
            if (blow % ((Kills + Outages) / Outages) == 0)
            {
                await store.StopAsync();
                await Task.Delay(Outage, TimeProvider.System);
                await store.ResumeAsync();
            }
            else
            {
                await fleet.KillAsync(random.Next(Members));
            }
        }

        await fleet.FinishAsync(Patience);
        await Wait.UntilAsync(async () => (await Verdicts.ReadAsync(state)).Open == 0, Patience, "every order in doubt is settled");

        var verdicts = await Verdicts.ReadAsync(state);
        var story = string.Create(
            CultureInfo.InvariantCulture,
            $"seed {Seed}: {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s, {fleet.Kills} kills, {Outages} outages; {market.Exchange.Scoreboard}; {verdicts}");
        output.WriteLine(story);
        string[] ids = [.. Enumerable.Range(0, Orders).Select(static number => string.Create(CultureInfo.InvariantCulture, $"f-{number}")).Order(StringComparer.Ordinal)];
        fleet.Kills.ShouldBe(Kills, story);
        market.Exchange.Orders.Select(static order => order.ClientOrderId).Order(StringComparer.Ordinal).ShouldBe(ids, ignoreOrder: false, story);
        market.Exchange.DuplicateIntents.ShouldBeEmpty(story);
        verdicts.Executed.ShouldBe(ids, ignoreOrder: false, story);
        verdicts.Changed.ShouldBe(0, story);
        verdicts.TakenOver.ShouldBePositive(story);
        fleet.Contradicted.ShouldBeEmpty(story);
    }

    // A bad day, with few refusals that keep everybody waiting, and with orders that go on while nobody listens any more.
    private static FaultPlan FaultsOf(int seed) => FaultPlan.Weighted(
        seed,
        static request => request.IsPlace,
        (0.10, Fault.ExecutedTimeout503),
        (0.05, Fault.ExecuteThenDrop),
        (0.05, Fault.ExecutedUnknown),
        (0.03, Fault.Unavailable),
        (0.02, Fault.DropBeforeExecute),
        (0.02, Fault.FinBeforeExecute),
        (0.01, Fault.Silence),
        (0.01, Fault.SilenceBeforeExecute),
        (0.03, Fault.LateAccept(TimeSpan.FromMilliseconds(300))));
}
