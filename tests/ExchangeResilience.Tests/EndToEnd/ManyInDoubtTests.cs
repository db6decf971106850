using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.Handling;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>Evidence gets cheaper the more orders of a symbol are in doubt.</summary>
[Trait("Speed", "Slow")]
public sealed class ManyInDoubtTests(ITestOutputHelper output)
{
    private const int ListWeight = 5;

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 0)]
    [InlineData(true, 10)]
    [InlineData(false, 10)]
    public async Task Two_hundred_orders_in_doubt_cost_less_than_a_weight_of_two_each(bool executed, double overSeconds)
    {
        using var world = new SimulatedFixture(exchange: static options => options.Latency = TimeSpan.FromMilliseconds(20));
        world.Exchange.Faults.Plan = FaultPlan.Custom(context => context.Method == "POST" ? executed ? Fault.ExecuteThenDrop : Fault.DropBeforeExecute : null);

        var told = await PlaceAsync(world, 200, TimeSpan.FromSeconds(overSeconds));

        told.ShouldAllBe(each => each.Execution == (executed ? ExecutionStatus.Executed : ExecutionStatus.NotExecuted));
        output.WriteLine($"{Weight(world) / 200:0.00} weight for each order");
        (Weight(world) / 200).ShouldBeLessThan(2);
    }

    [Fact]
    public async Task A_thousand_in_doubt_are_settled_at_the_default_limits_while_cancels_and_queries_pass()
    {
        using var world = new SimulatedFixture(
            static options => (options.SendBefore, options.TotalTimeout) = (TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(3)),
            exchange: static options => options.Latency = TimeSpan.FromMilliseconds(20));
        await world.Time.RunAsync(() => world.Http.PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=30000&newClientOrderId=rests", content: null));
        var number = 0;
        world.Exchange.Faults.Plan = FaultPlan.Custom(context => context.Method != "POST" ? null : ++number % 2 == 0 ? Fault.ExecuteThenDrop : Fault.DropBeforeExecute);
        Told? cancel = null, query = null;
        var slowest = TimeSpan.Zero;

        var placed = PlaceAsync(world, 1_000, TimeSpan.FromSeconds(30), async () =>
        {
            for (var second = 0; second < 60; second++)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
                var asked = world.Time.Elapsed;
                query = await Told.HearAsync(world.Http.GetAsync("/fapi/v1/openOrders?symbol=BTCUSDT"));
                cancel = second == 30 ? await Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=rests")) : cancel;
                slowest = world.Time.Elapsed - asked > slowest ? world.Time.Elapsed - asked : slowest;
                query.Execution.ShouldBe(ExecutionStatus.Executed);
            }
        });

        var told = await placed;
        output.WriteLine($"{Weight(world)} weight, slowest {slowest}, {world.Exchange.Scoreboard}");
        told.Count(static each => each.Execution == ExecutionStatus.Executed).ShouldBe(500);
        told.Count(static each => each.Execution == ExecutionStatus.NotExecuted).ShouldBe(500);
        cancel!.Execution.ShouldBe(ExecutionStatus.Executed);
        slowest.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        world.Exchange.Scoreboard.SentIntoHold.ShouldBe(0);
        (Weight(world) / 1_000).ShouldBeLessThan(2);
    }

    [Theory]
    [InlineData("{\"code\":-1100,\"msg\":\"Illegal characters found in a parameter.\"}", 400)]
    [InlineData("<html>", 502)]
    [InlineData("[]", 200)]
    [InlineData("{}", 200)]
    [InlineData("[{\"symbol\":\"BTCUSDT\"}]", 200)]
    public async Task A_list_that_leaves_orders_out_or_is_none_hides_no_order(string list, int status)
    {
        using var world = new SimulatedFixture(wire: wire => new Lists(list, status) { InnerHandler = wire }, configure: static options => options.TrustedInnerHandlers.Add(typeof(Lists).FullName!));
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Method == "POST" ? Fault.ExecuteThenDrop : null);

        (await PlaceAsync(world, 20, TimeSpan.Zero)).ShouldAllBe(static each => each.Execution == ExecutionStatus.Executed);
    }

    [Fact]
    public async Task A_few_orders_in_doubt_are_asked_for_one_by_one()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Plan = FaultPlan.Custom(static context => context.Method == "POST" ? Fault.ExecuteThenDrop : null);

        await PlaceAsync(world, 7, TimeSpan.Zero);

        world.Exchange.Seen(ExchangeLooks.LookAgain).ShouldBeEmpty();
        world.Exchange.Seen(ExchangeLooks.Look).Count.ShouldBe(7);
    }

    private static double Weight(SimulatedFixture world) =>
        world.Exchange.Seen(ExchangeLooks.Look).Count + world.Exchange.Seen("GET /fapi/v1/time").Count + (ListWeight * world.Exchange.Seen(ExchangeLooks.LookAgain).Count);

    private static async Task<IReadOnlyList<Told>> PlaceAsync(SimulatedFixture world, int orders, TimeSpan over, Func<Task>? beside = null)
    {
        Told[] told = [];
        await world.Time.RunAsync(async () =>
        {
            var other = beside?.Invoke() ?? Task.CompletedTask;
            told = await Task.WhenAll(Enumerable.Range(0, orders).Select(async number =>
            {
                await Task.Delay(over * number / orders, world.Time);
                return await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market($"n{number}"), content: null));
            }));
            await other;
        });
        return told;
    }

    private sealed class Lists(string list, int status) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            request.RequestUri!.AbsolutePath == "/fapi/v1/allOrders" ? Task.FromResult(ScriptedExchange.Reply(status, list)) : base.SendAsync(request, cancellationToken);
    }
}
