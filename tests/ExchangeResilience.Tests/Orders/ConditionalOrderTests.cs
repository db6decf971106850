using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Orders;

/// <summary>Conditional orders live apart: they are found by an id of their own, and never proven absent.</summary>
public sealed class ConditionalOrderTests
{
    private const string Place = "POST /fapi/v1/algoOrder";
    private const string Look = "GET /fapi/v1/algoOrder";
    private const string Cancel = "DELETE /fapi/v1/algoOrder";

    [Theory]
    [InlineData("stop-1")]
    [InlineData("")]
    public async Task One_whose_reply_was_lost_is_found_by_its_own_id(string id)
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Place, Fault.ExecuteThenDrop);

        var told = await PlaceAsync(world, id);

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Body.ShouldContain("\"algoStatus\":\"NEW\"");
        world.Exchange.Seen(Place).Count.ShouldBe(1);
        var look = world.Exchange.Seen(Look).ShouldHaveSingleItem();
        look.Parameters["clientAlgoId"].ShouldBe(world.Exchange.Seen(Place)[0].Parameters["clientAlgoId"]);
        look.Parameters.ContainsKey("symbol").ShouldBeFalse();
    }

    [Fact]
    public async Task One_that_never_arrived_stays_in_doubt_however_often_it_is_not_found()
    {
        using var world = new SimulatedFixture(static options => (options.AfterProvenAbsent, options.SendBefore) = (AfterProvenAbsent.Resend, TimeSpan.FromSeconds(29)));
        world.Exchange.Faults.Next(Place, Fault.DropBeforeExecute);

        var told = await PlaceAsync(world, "stop-1");
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromMinutes(30), world.Time));

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Exchange.Seen(Place).Count.ShouldBe(1);
        world.Exchange.Seen(Look).Count.ShouldBeGreaterThan(20);
        world.Client.Get<IInDoubtOrders>().List().ShouldHaveSingleItem().ClientOrderId.ShouldBe("stop-1");
    }

    [Fact]
    public async Task Another_that_bears_the_id_is_not_taken_for_it()
    {
        using var world = new SimulatedFixture();
        await PlaceAsync(world, "stop-1", trigger: 61_000);
        await world.Time.RunAsync(async () =>
        {
            await Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/algoOrder?clientAlgoId=stop-1"));
            await Task.Delay(TimeSpan.FromMinutes(1), world.Time);
        });
        world.Exchange.Faults.Next(Place, Fault.DropBeforeExecute);

        (await PlaceAsync(world, "stop-1")).Execution.ShouldBe(ExecutionStatus.Unknown);
    }

    [Theory]
    [InlineData("/fapi/v1/openAlgoOrders?symbol=BTCUSDT")]
    [InlineData("/fapi/v1/algoOrder?clientAlgoId=stop-1")]
    public async Task The_applications_own_query_is_evidence(string query)
    {
        using var world = new SimulatedFixture(static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(1));
        world.Exchange.Faults.Next(Place, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Next(Look, [.. Enumerable.Repeat(Fault.HtmlReply(502), 3)]);

        (await PlaceAsync(world, "stop-1")).Execution.ShouldBe(ExecutionStatus.Unknown);
        await world.Time.RunAsync(() => Told.HearAsync(world.Http.GetAsync(query)));

        world.Client.Get<IInDoubtOrders>().List().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("clientAlgoId=stop-1")]
    [InlineData("algoId")]
    public async Task A_lost_cancel_ends_in_the_cancelled_order(string by)
    {
        using var world = new SimulatedFixture();
        var placed = await PlaceAsync(world, "stop-1");
        world.Exchange.Faults.Next(Cancel, Fault.ExecuteThenDrop);
        var id = System.Text.Json.JsonDocument.Parse(placed.Body).RootElement.GetProperty("algoId").GetInt64();

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.DeleteAsync($"/fapi/v1/algoOrder?{(by == "algoId" ? FormattableString.Invariant($"algoId={id}") : by)}")));

        told.Status.ShouldBe(200, told.ToString());
        told.Body.ShouldContain("\"algoStatus\":\"CANCELED\"");
        world.Exchange.Seen(Cancel).Select(static request => request.Code).ShouldBe([0, -2011]);
        world.Exchange.Seen(Look).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_cancel_of_one_that_the_market_has_set_off_ends_in_the_exchanges_error()
    {
        using var world = new SimulatedFixture();
        await PlaceAsync(world, "stop-1");
        world.Exchange.SetPrice("BTCUSDT", 60_500);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/algoOrder?clientAlgoId=stop-1")));

        told.Error.ShouldNotBeNull().Code.ShouldBe(-2011);
        told.Execution.ShouldBe(ExecutionStatus.NotExecuted);
    }

    [Fact]
    public async Task A_cancel_naming_one_in_doubt_is_kept_and_applied_when_it_appears()
    {
        using var world = new SimulatedFixture(static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(1));
        world.Exchange.Faults.Next(Place, Fault.LateAccept(TimeSpan.FromSeconds(3)));

        var cancel = await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.PostAsync(Stop("stop-1", 60_000), content: null))).Execution.ShouldBe(ExecutionStatus.Unknown);
            var cancel = await Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/algoOrder?clientAlgoId=stop-1"));
            await Task.Delay(TimeSpan.FromMinutes(2), world.Time);
            return cancel;
        });
        var found = await world.Time.RunAsync(() => Told.HearAsync(world.Http.GetAsync("/fapi/v1/algoOrder?clientAlgoId=stop-1")));

        cancel.Execution.ShouldBe(ExecutionStatus.Unknown);
        found.Body.ShouldContain("\"algoStatus\":\"CANCELED\"");
    }

    [Theory]
    [InlineData("BTCUSDT", false)]
    [InlineData("ETHUSDT", true)]
    public async Task A_lost_cancel_of_all_is_repeated_only_over_no_newer_one(string placed, bool repeated)
    {
        using var world = new SimulatedFixture();
        await PlaceAsync(world, "stop-1");
        await world.Time.RunAsync(() => Task.Delay(TimeSpan.FromSeconds(1), world.Time));
        world.Exchange.Faults.Next("DELETE /fapi/v1/algoOpenOrders", Fault.SilenceBeforeExecute);

        var told = await world.Time.RunAsync(async () =>
        {
            var call = Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/algoOpenOrders?symbol=BTCUSDT"));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            await Told.HearAsync(world.Http.PostAsync(Stop("stop-2", placed == "BTCUSDT" ? 62_000 : 3_000, placed), content: null));
            return await call;
        });

        told.Execution.ShouldBe(repeated ? ExecutionStatus.Executed : ExecutionStatus.Unknown);
        world.Exchange.Seen("DELETE /fapi/v1/algoOpenOrders").Count.ShouldBe(repeated ? 2 : 1);
    }

    [Fact]
    public async Task One_that_was_found_and_then_cancelled_is_placed_anew()
    {
        using var world = new SimulatedFixture();
        world.Exchange.Faults.Next(Place, Fault.ExecuteThenDrop);

        (await PlaceAsync(world, "stop-1")).Execution.ShouldBe(ExecutionStatus.Executed);
        (await world.Time.RunAsync(() => Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/algoOrder?clientAlgoId=stop-1")))).Execution.ShouldBe(ExecutionStatus.Executed);
        var anew = await PlaceAsync(world, "stop-1");
        var open = await world.Time.RunAsync(() => Told.HearAsync(world.Http.GetAsync("/fapi/v1/openAlgoOrders")));

        anew.Execution.ShouldBe(ExecutionStatus.Executed, anew.ToString());
        world.Exchange.Seen(Place).Count.ShouldBe(2);
        open.Body.ShouldContain("stop-1");
    }

    private static string Stop(string id, int trigger, string symbol = "BTCUSDT") => FormattableString.Invariant(
        $"/fapi/v1/algoOrder?algoType=CONDITIONAL&symbol={symbol}&side=BUY&type=STOP_MARKET&triggerPrice={trigger}&quantity=0.01{(id.Length == 0 ? "" : $"&clientAlgoId={id}")}");

    private static Task<Told> PlaceAsync(SimulatedFixture world, string id, int trigger = 60_000) => world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(Stop(id, trigger), content: null)));
}
