using System.Text;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>What tells an older order of the same id from ours, however near in time it is.</summary>
public sealed class NamesakeTests
{
    [Theory]
    [InlineData("type=LIMIT&price=40000", "\"type\":\"LIMIT\",\"price\":\"40000.00\"", true)]
    [InlineData("type=LIMIT&price=40000", "\"type\":\"LIMIT\",\"price\":\"40001\"", false)]
    [InlineData("type=LIMIT&price=40000", "\"type\":\"LIMIT\"", true)]
    [InlineData("type=LIMIT&priceMatch=QUEUE", "\"type\":\"LIMIT\",\"price\":\"40001\"", true)]
    [InlineData("type=LIMIT&price=40000&priceMatch=NONE", "\"type\":\"LIMIT\",\"price\":\"40001\"", false)]
    [InlineData("type=MARKET", "\"type\":\"MARKET\",\"price\":\"0\"", true)]
    [InlineData("type=MARKET&price=40000", "\"type\":\"MARKET\",\"price\":\"0\"", true)]
    [InlineData("type=MARKET", "\"type\":\"MARKET\",\"price\":\"0\",\"stopPrice\":\"0\",\"activatePrice\":\"0\"", true)]
    [InlineData("type=STOP&price=1&stopPrice=39000", "\"type\":\"STOP\",\"price\":\"1\",\"stopPrice\":\"39000\"", true)]
    [InlineData("type=STOP&price=1&stopPrice=39000", "\"type\":\"STOP\",\"price\":\"1\",\"stopPrice\":\"39001\"", false)]
    [InlineData("type=STOP&price=2&stopPrice=39000", "\"type\":\"STOP\",\"price\":\"1\",\"stopPrice\":\"39000\"", false)]
    [InlineData("type=STOP_MARKET&triggerPrice=39000", "\"orderType\":\"STOP_MARKET\",\"triggerPrice\":\"39000\"", true)]
    [InlineData("type=STOP_MARKET&triggerPrice=39000", "\"orderType\":\"STOP_MARKET\",\"triggerPrice\":\"38000\"", false)]
    [InlineData("type=TRAILING_STOP_MARKET&activationPrice=41000", "\"type\":\"TRAILING_STOP_MARKET\",\"stopPrice\":\"9300\",\"activatePrice\":\"41000\"", true)]
    [InlineData("type=TRAILING_STOP_MARKET&activationPrice=41000", "\"type\":\"TRAILING_STOP_MARKET\",\"stopPrice\":\"9300\",\"activatePrice\":\"42000\"", false)]
    [InlineData("type=MARKET&positionSide=LONG", "\"type\":\"MARKET\",\"positionSide\":\"LONG\"", true)]
    [InlineData("type=MARKET&positionSide=LONG", "\"type\":\"MARKET\",\"positionSide\":\"SHORT\"", false)]
    [InlineData("type=MARKET", "\"type\":\"MARKET\",\"positionSide\":\"BOTH\"", true)]
    public void Prices_and_the_positions_side_are_equal_where_both_are_known(string asked, string shown, bool isOurs)
    {
        var claim = ClaimedRequest.Of(ExchangeLooks.Place, $"symbol=BTCUSDT&side=BUY&newClientOrderId=a&{asked}", ClaimedRequest.Window);

        EvidenceRules.JudgePlace(claim, Shown(shown)).ShouldBe(isOurs ? Finding.Ours : Finding.Namesake);
    }

    [Fact]
    public void An_order_that_was_there_before_is_not_ours_however_near_its_time()
    {
        var claim = ClaimedRequest.Of(ExchangeLooks.Place, "symbol=BTCUSDT&side=BUY&type=MARKET&newClientOrderId=a", ClaimedRequest.Window);
        claim.OlderOrders = ["1"];

        EvidenceRules.JudgePlace(claim, Shown("\"type\":\"MARKET\"")).ShouldBe(Finding.Namesake);
        EvidenceRules.JudgePlace(claim, Shown("\"type\":\"MARKET\",\"orderId\":2")).ShouldBe(Finding.Ours);
    }

    [Fact]
    public async Task A_lost_order_is_not_taken_for_another_of_the_same_id_that_was_cancelled_half_a_second_before()
    {
        using var world = new EndToEnd.SimulatedFixture();
        using var another = world.NewClient();
        world.Exchange.Options.QueryLag = TimeSpan.Zero;

        var told = await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(another.Http.PostAsync(Resting(40_000), content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
            (await Told.HearAsync(another.Http.DeleteAsync("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a"))).Execution.ShouldBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromMilliseconds(500), world.Time);
            world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);
            return await Told.HearAsync(world.Http.PostAsync(Resting(41_000), content: null));
        });

        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Exchange.Orders.Count.ShouldBe(1);

        static string Resting(int price) => FormattableString.Invariant(
            $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price={price}&newClientOrderId=a");
    }

    [Theory]
    [InlineData("\"price\":\"42000\"", true)]
    [InlineData("\"origQty\":\"2\"", true)]
    [InlineData("\"price\":\"42000\",\"origQty\":\"2\"", true)]
    [InlineData("\"price\":\"42000\",\"side\":\"SELL\"", false)]
    [InlineData("\"status\":\"NEW\"", false)]
    public void What_differs_in_price_or_quantity_alone_may_have_been_amended_since(string shown, bool may)
    {
        var claim = ClaimedRequest.Of(ExchangeLooks.Place, "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=40000&newClientOrderId=a", ClaimedRequest.Window);

        EvidenceRules.MayHaveBeenAmended(claim, Shown($"\"type\":\"LIMIT\",\"price\":\"40000\",\"origQty\":\"1\",{shown}")).ShouldBe(may);
    }

    [Theory]
    [InlineData("40000", true)]
    [InlineData("39000", false)]
    public void An_order_amended_since_began_at_the_price_that_was_asked_for(string before, bool began)
    {
        var claim = ClaimedRequest.Of(ExchangeLooks.Place, "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=40000&newClientOrderId=a", ClaimedRequest.Window);
        var history = AmendmentEvidence.ReadAll(Encoding.UTF8.GetBytes($$$"""[{"time":1,"amendment":{"price":{"before":"{{{before}}}","after":"42000"},"origQty":{"before":"1","after":"1"} } }]""")).ShouldNotBeNull();

        EvidenceRules.BeganAsClaimed(claim, Shown("\"type\":\"LIMIT\",\"price\":\"42000\",\"origQty\":\"1\""), history).ShouldBe(began);
    }

    private static OrderEvidence Shown(string more)
    {
        var order = System.Text.Json.Nodes.JsonNode.Parse($$"""{"orderId":1,"clientOrderId":"a","symbol":"BTCUSDT","side":"BUY","time":{{ClaimedRequest.Stamp}}}""")!.AsObject();
        foreach (var (name, value) in Members(more))
        {
            order[name] = value?.DeepClone();
        }

        return OrderEvidence.Read(Encoding.UTF8.GetBytes(order.ToJsonString())).ShouldNotBeNull();
    }

    // A later member of the same name takes the place of the earlier.
    private static IEnumerable<(string Name, System.Text.Json.Nodes.JsonNode? Value)> Members(string text)
    {
        foreach (var member in text.Split(','))
        {
            foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse($"{{{member}}}")!.AsObject())
            {
                yield return (name, value);
            }
        }
    }
}
