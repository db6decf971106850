using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>What the exchange asks for as it answers a question of the library's own is kept, as it is for a caller's request.</summary>
public sealed class AskedToWaitTests
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(60);

    private static Fault NotNow => Fault.RefuseWithCode(503, null, "").WithHeader("Retry-After", "60");

    [Fact]
    public async Task The_search_for_an_order_asks_again_once_the_wait_is_over_and_then_finds_it()
    {
        using var world = new SimulatedFixture(static options => options.TotalTimeout = TimeSpan.FromMinutes(5));

        var told = await world.Time.RunAsync(async () =>
        {
            world.Exchange.Faults.Next(PlaceOrder, Fault.ExecuteThenDrop);
            world.Exchange.Faults.Next(AskOrder, NotNow, NotNow);
            return await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), null));
        }, TimeSpan.FromMinutes(10));

        told.Execution.ShouldBe(ExecutionStatus.Executed);
        GapsAt(world, AskOrder).ShouldAllBe(static gap => gap >= Wait && gap < Wait + TimeSpan.FromSeconds(5));
        GapsAt(world, AskOrder).Count.ShouldBe(2);
    }

    [Fact]
    public async Task One_order_that_is_not_to_be_asked_for_keeps_no_other_from_being_found()
    {
        using var world = new SimulatedFixture();

        await world.Time.RunAsync(async () =>
        {
            world.Exchange.Faults.Next(PlaceOrder, Fault.ExecuteThenDrop, Fault.ExecuteThenDrop);
            world.Exchange.Faults.Plan = FaultPlan.Custom(static request => request.Path == "/fapi/v1/order" && request.Parameters.GetValueOrDefault("origClientOrderId") == "a" ? NotNow : null);
            var first = Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), null));
            var second = await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("b"), null));
            second.Execution.ShouldBe(ExecutionStatus.Executed);
            (await first).Execution.ShouldBe(ExecutionStatus.Unknown);
        });
    }

    [Fact]
    public async Task Neither_search_nor_signing_asks_for_the_time_again_before_the_wait_is_over()
    {
        using var world = new SimulatedFixture(static options => options.TotalTimeout = TimeSpan.FromMinutes(5));

        await world.Time.RunAsync(async () =>
        {
            using var warm = await world.Http.PostAsync(SimulatedFixture.Market("warm"), null);
            await Task.Delay(TimeSpan.FromSeconds(5), world.Time);
            world.Exchange.Faults.Plan = FaultPlan.Custom(static request => request.Path == "/fapi/v1/time" ? NotNow : null);
            world.Exchange.Faults.Next(PlaceOrder, Fault.DropBeforeExecute);
            var lost = Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("lost"), null));
            await Task.Delay(TimeSpan.FromSeconds(20), world.Time);
            world.Exchange.Clock.Step(TimeSpan.FromSeconds(30));
            for (var i = 0; i < 20; i++)
            {
                await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market($"x{i}"), null));
                await Task.Delay(TimeSpan.FromSeconds(7), world.Time);
            }

            await lost;
        }, TimeSpan.FromMinutes(10));

        // Who asked at the same moment had not been told yet.
        var refused = world.Exchange.SeenAt(AskTime).Where(static request => request.Status == 503).Select(static request => request.Elapsed).Distinct().ToList();
        refused.Count.ShouldBeGreaterThan(1);
        refused.Zip(refused.Skip(1), static (one, next) => next - one).ShouldAllBe(static gap => gap >= Wait);
    }

    [Fact]
    public async Task A_stamp_that_was_refused_is_made_anew_once_the_wait_is_over()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(AskBalance, Fault.RefuseWithCode(400, -1021, "Timestamp for this request is outside of the recvWindow.").WithHeader("Retry-After", "10"));

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.GetAsync(Balance)));

        told.Status.ShouldBe(200);
        GapsAt(world, AskBalance).ShouldHaveSingleItem().ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData("/fapi/v1/order", "99999999999999999999")]
    [InlineData("/fapi/v1/order", "259200")]
    [InlineData("/fapi/v1/time", "259200")]
    public async Task No_header_of_a_reply_that_closes_no_lane_ends_a_search(string path, string retryAfter)
    {
        using var world = new SimulatedFixture();
        var isFirst = true;

        await world.Time.RunAsync(async () =>
        {
            using var warm = await world.Http.PostAsync(SimulatedFixture.Market("warm"), null);
            world.Exchange.Faults.Next(PlaceOrder, Fault.DropBeforeExecute);
            world.Exchange.Faults.Plan = FaultPlan.Custom(request =>
            {
                if (!isFirst || request.Path != path)
                {
                    return null;
                }

                isFirst = false;
                return Fault.RefuseWithCode(408, -1007, "Timeout waiting for response from backend server.").WithHeader("Retry-After", retryAfter);
            });
            (await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("a"), null))).Execution.ShouldBe(ExecutionStatus.Unknown);
            await Task.Delay(TimeSpan.FromMinutes(15), world.Time);
        }, TimeSpan.FromMinutes(20));

        isFirst.ShouldBeFalse();
        world.Client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    private static List<TimeSpan> GapsAt(SimulatedFixture world, string route)
    {
        var at = world.Exchange.SeenAt(route).Select(static request => request.Elapsed).ToList();
        return [.. at.Zip(at.Skip(1), static (one, next) => next - one)];
    }
}
