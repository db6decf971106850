namespace ExchangeResilience.Testing.Tests.Faults;

public sealed class FaultPlanTests
{
    [Fact]
    public void The_mixed_plan_deals_each_fault_to_its_share_of_orders()
    {
        const int orders = 20_000;
        var plan = FaultPlan.Mixed(1);

        var dealt = Enumerable.Range(0, orders).Select(i => plan.Choose(Place($"id-{i}"))).CountBy(fault => fault?.ToString() ?? "").ToDictionary(pair => pair.Key, pair => pair.Value / (double)orders);

        var expected = new Dictionary<string, double>
        {
            ["ExecutedTimeout503(503 -1007)"] = 0.10,
            ["ExecuteThenDrop"] = 0.05,
            ["ExecutedUnknown(503 )"] = 0.05,
            ["Unavailable(503 -1008)"] = 0.05,
            ["TooManyRequests(429 -1003)"] = 0.05,
            ["DropBeforeExecute"] = 0.01,
            ["FinBeforeExecute"] = 0.01,
            [""] = 0.68,
        };
        dealt.Keys.ShouldBe(expected.Keys, ignoreOrder: true);
        foreach (var (name, share) in expected)
        {
            dealt[name].ShouldBe(share, 0.008, name);
        }
    }

    [Fact]
    public void The_same_seed_deals_the_same_and_another_seed_differs()
    {
        Deal(1).ShouldBe(Deal(1));
        Deal(2).SequenceEqual(Deal(1)).ShouldBeFalse();

        static List<string?> Deal(int seed) => [.. Enumerable.Range(0, 200).Select(i => FaultPlan.Mixed(seed).Choose(Place($"id-{i}"))?.Name)];
    }

    [Fact]
    public void A_draw_is_the_same_in_every_process() => Place("id-1").Draw(1).ShouldBe(0.3162369438823216, 1e-15);

    [Fact]
    public void Attempts_of_one_id_have_luck_of_their_own() =>
        Enumerable.Range(1, 50).Select(attempt => Place("id-1", attempt).Draw(1)).Distinct().Count().ShouldBe(50);

    [Fact]
    public void Plans_for_orders_leave_queries_alone()
    {
        var query = new FaultContext("GET", "/fapi/v1/order", "id", 1, new Dictionary<string, string>());

        Enumerable.Range(0, 500).ShouldAllBe(seed => FaultPlan.Hostile(seed).Choose(query) == null);
    }

    [Fact]
    public void Shares_of_more_than_the_whole_are_refused() =>
        Should.Throw<ArgumentException>(() => FaultPlan.Weighted(1, null, (0.6, Fault.Silence), (0.5, Fault.HalfBody)));

    [Fact]
    public void A_late_acceptance_must_lose_its_reply() =>
        Should.Throw<ArgumentException>(() => Fault.LateAccept(TimeSpan.FromSeconds(1), Fault.None));

    [Fact]
    public void Faults_tell_whether_the_request_takes_effect()
    {
        Fault.ExecuteThenDrop.Executes.ShouldBe(true);
        Fault.DropBeforeExecute.Executes.ShouldBe(false);
        Fault.LateAccept(TimeSpan.FromSeconds(1)).Executes.ShouldBeNull();
    }

    private static FaultContext Place(string id, int attempt = 1) => new("POST", "/fapi/v1/order", id, attempt, new Dictionary<string, string>());
}
