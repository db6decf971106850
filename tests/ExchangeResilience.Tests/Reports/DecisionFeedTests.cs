using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Reports;

/// <summary>What is told to people who watch decisions.</summary>
public sealed class DecisionFeedTests
{
    [Fact]
    public async Task Each_failed_attempt_leaves_its_decision_and_a_success_none()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.None, Fault.Unavailable, Fault.RefuseWithCode(400, -1121, "Invalid symbol."));
        var feed = world.Client.Get<ExchangeStatus>().Decisions;

        await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), content: null)));
        feed.Latest.ShouldBe(0);
        await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("b"), content: null)));

        var decisions = feed.After(0);
        decisions.Select(decision => (decision.Number, decision.Code, decision.ClientOrderId, decision.Attempt, decision.Decision.Action)).ShouldBe(
        [
            (1, -1008, "b", 1, DecisionAction.Retry),
            (2, -1121, "b", 2, DecisionAction.Return),
        ]);
        feed.After(1).Single().Number.ShouldBe(2);
        feed.After(2).ShouldBeEmpty();
        feed.Counts().OrderBy(count => count.Code).Select(count => (count.Code, count.Count)).ShouldBe([(-1121, 1), (-1008, 1)]);
    }

    [Fact]
    public async Task The_latest_are_kept_and_all_are_counted()
    {
        const int calls = DecisionFeed.Kept + 10;
        using var world = new SimulatedFixture();
        var feed = world.Client.Get<ExchangeStatus>().Decisions;

        for (var i = 0; i < calls; i++)
        {
            await world.Time.RunAsync(() => Told.HearAsync(world.Http.GetAsync("/fapi/v1/ticker/price?symbol=NONE")));
        }

        feed.Latest.ShouldBe(calls);
        feed.After(0).Select(decision => decision.Number).ShouldBe(Enumerable.Range(11, DecisionFeed.Kept).Select(number => (long)number));
        feed.Counts().Single().Count.ShouldBe(calls);
    }
}
