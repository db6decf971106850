using ExchangeResilience.Testing;

namespace ExchangeResilience.Fleet.Tests;

/// <summary>A process that the machine stops between journal and signature, for longer than its lease lasts.</summary>
public sealed class SuspensionTests(Store store)
{
    private const string Order = "suspended";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Resumed_it_sends_nothing_and_writes_no_verdict()
    {
        var state = await store.NewDatabaseAsync();
        await using var market = await Market.OpenAsync(2);
        await using var heir = new Member(market.Address, state, Market.KeyOf(1), null, "ask", "200");
        await heir.HearAsync("started");
        await Verdicts.WatchAsync(state);
        await using var sleeper = new Member(market.Address, state, Market.KeyOf(0), null, "place", Order);
        await sleeper.HearAsync("written");
        var holder = await Verdicts.HolderOfAsync(state, Order);

        await sleeper.SuspendAsync();
        await Wait.UntilAsync(async () => (await Verdicts.ReadAsync(state)).NotExecuted.Contains(Order), Patience, "the order is settled by the one that lives");
        (await Verdicts.HolderOfAsync(state, Order)).ShouldNotBe(holder);
        await sleeper.TellAsync("go");
        await sleeper.ResumeAsync();

        (await sleeper.HearAsync("outcome")).ShouldBe(nameof(ExecutionStatus.NotExecuted));
        await sleeper.FinishAsync();
        await heir.FinishAsync();
        market.Exchange.Requests.ShouldNotContain(static request => request.Method == "POST");
        market.Exchange.Requests.ShouldContain(request => request.Path == "/fapi/v1/order" && request.ApiKey == heir.Key);
        var verdicts = await Verdicts.ReadAsync(state);
        (verdicts.Open, verdicts.Changed, verdicts.NotExecuted.Count).ShouldBe((0, 0, 1));
        (await Verdicts.WritersAsync(state)).ShouldNotContain(holder);
    }
}
