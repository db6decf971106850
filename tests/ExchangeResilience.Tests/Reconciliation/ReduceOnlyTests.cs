using System.Text;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Batches;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Journal;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>An order that may only shrink a position is cut down to it by the exchange, and is ours all the same.</summary>
public sealed class ReduceOnlyTests
{
    private const string Close = "/fapi/v1/order?symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.06&reduceOnly=true&newClientOrderId=close";

    [Fact]
    public async Task A_lost_closing_order_is_found_in_the_size_of_the_position()
    {
        using var world = await LongAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);

        var told = await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(Close, content: null)));

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Body.ShouldContain("\"origQty\":\"0.04");
        world.Exchange.ExecutionsOf("close").Count.ShouldBe(1);
    }

    [Fact]
    public async Task In_a_batch_too()
    {
        using var world = await LongAsync();
        world.Exchange.Faults.Next(Batch.Place, Fault.ExecuteThenDrop);
        var close = """{"symbol":"BTCUSDT","side":"SELL","type":"MARKET","quantity":"0.06","reduceOnly":"true","newClientOrderId":"close"}""";

        var told = await world.Time.RunAsync(() => ToldBatch.HearAsync(world.Http.PostAsync(Batch.Of(close), content: null)));

        told.Outcomes.ShouldBe("Executed", told.ToString());
        told.Array.ShouldBe("close");
    }

    [Fact]
    public async Task After_a_restart_too_where_the_journal_does_not_tell_what_kind_of_order_it_was()
    {
        using var world = new JournalledWorld();
        var first = world.Start();
        (await first.PlaceAsync("open", 0.04m)).Execution.ShouldBe(ExecutionStatus.Executed);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        await first.RunIntoAsync(() => Told.HearAsync(first.Http.PostAsync(Close, content: null)), 1);
        first.Kill();

        var next = world.Start();
        await next.OpenAsync();
        await world.LetPassAsync(60);

        next.InDoubt.List().ShouldBeEmpty();
        next.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task The_user_data_stream_tells_of_it_too()
    {
        using var world = await LongAsync();
        world.Exchange.Options.QueryLag = TimeSpan.FromMinutes(1);
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecutedTimeout);

        var told = await world.Time.RunAsync(async () =>
        {
            var call = Told.HearAsync(world.Http.PostAsync(Close.Replace("&newClientOrderId=close", "", StringComparison.Ordinal), content: null));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            var id = world.Exchange.Seen(ExchangeLooks.Place)[^1].Parameters["newClientOrderId"];
            world.Client.Get<IInDoubtOrders>().OfferUserData("futures", Encoding.UTF8.GetBytes(
                $$"""{"e":"ORDER_TRADE_UPDATE","T":7,"o":{"s":"BTCUSDT","c":"{{id}}","S":"SELL","o":"MARKET","q":"0.04","p":"0","sp":"0","x":"TRADE","X":"FILLED","i":2,"z":"0.04","T":7,"R":true,"ps":"BOTH"} }""")).ShouldBeTrue();
            return await call;
        });

        told.Execution.ShouldBe(ExecutionStatus.Executed, told.ToString());
        told.Body.ShouldContain("\"origQty\":\"0.04\"");
    }

    // What was asked for, and what is shown.
    [Theory]
    [InlineData("quantity=60&reduceOnly=true", "\"origQty\":\"40\",\"reduceOnly\":true", true)]
    [InlineData("quantity=60&reduceOnly=TRUE&positionSide=BOTH", "\"origQty\":\"40\",\"reduceOnly\":true,\"positionSide\":\"BOTH\"", true)]
    [InlineData("quantity=60&reduceOnly=true", "\"origQty\":\"40\"", true)]
    [InlineData("quantity=60&reduceOnly=true", "\"origQty\":\"60\",\"reduceOnly\":true", true)]
    [InlineData("quantity=60&reduceOnly=true", "\"origQty\":\"0\",\"reduceOnly\":true", false)]
    [InlineData("quantity=60&reduceOnly=true", "\"origQty\":\"-1\",\"reduceOnly\":true", false)]
    [InlineData("quantity=60&reduceOnly=true", "\"origQty\":\"61\",\"reduceOnly\":true", false)]
    [InlineData("quantity=60&reduceOnly=true", "\"origQty\":\"40\",\"reduceOnly\":false", false)]
    [InlineData("quantity=60&reduceOnly=true", "\"reduceOnly\":true", false)]
    [InlineData("quantity=60&reduceOnly=false", "\"origQty\":\"40\",\"reduceOnly\":true", false)]
    [InlineData("quantity=60", "\"origQty\":\"40\",\"reduceOnly\":true", false)]
    [InlineData("quantity=60&positionSide=LONG", "\"origQty\":\"40\",\"reduceOnly\":true,\"positionSide\":\"LONG\"", false)]
    [InlineData("quantity=60&positionSide=LONG&reduceOnly=true", "\"origQty\":\"40\",\"reduceOnly\":true,\"positionSide\":\"LONG\"", false)]
    [InlineData("quantity=60&reduceOnly=true", "\"origQty\":\"40\",\"reduceOnly\":true,\"positionSide\":\"LONG\"", false)]
    [InlineData("closePosition=true", "\"origQty\":\"40\",\"reduceOnly\":true", true)]
    [InlineData("closePosition=true", "\"origQty\":\"0\",\"reduceOnly\":true", true)]
    public void Only_what_is_known_to_shrink_a_position_in_one_way_mode_may_have_been_cut(string asked, string shown, bool isOurs)
    {
        var claim = ClaimedRequest.Of(ExchangeLooks.Place, $"symbol=BTCUSDT&side=SELL&type=MARKET&newClientOrderId=a&{asked}", ClaimedRequest.Window);

        EvidenceRules.JudgePlace(claim, Shown(shown)).ShouldBe(isOurs ? Finding.Ours : Finding.Namesake);
    }

    [Theory]
    [InlineData(40, true, 0, Finding.Ours)]
    [InlineData(60, true, 0, Finding.Ours)]
    [InlineData(61, true, 0, Finding.Unchanged)]
    [InlineData(0, true, 0, Finding.Unchanged)]
    [InlineData(40, false, 0, Finding.Unchanged)]
    [InlineData(40, true, -1_000, Finding.Unchanged)]
    public void An_amendment_of_one_may_have_been_cut_as_well(int found, bool isReduceOnly, int sinceStamp, object expected)
    {
        var claim = ClaimedRequest.Of(ExchangeLooks.Amend, "symbol=BTCUSDT&side=SELL&quantity=60&price=41000&origClientOrderId=a", ClaimedRequest.Window);
        var order = Shown($"\"price\":\"42000\",\"origQty\":\"10\",\"reduceOnly\":{(isReduceOnly ? "true" : "false")}");

        EvidenceRules.JudgeAmend(claim, order, [new AmendmentEvidence(ClaimedRequest.Stamp + sinceStamp, 41_000, found)]).ShouldBe((Finding)expected);
    }

    [Fact]
    public void The_present_state_of_one_proves_no_amendment_that_was_cut()
    {
        // It may have had that quantity all along.
        var claim = ClaimedRequest.Of(ExchangeLooks.Amend, "symbol=BTCUSDT&side=SELL&quantity=60&price=41000&origClientOrderId=a", ClaimedRequest.Window);

        EvidenceRules.JudgeAmend(claim, Shown("\"price\":\"41000\",\"origQty\":\"40\",\"reduceOnly\":true"), []).ShouldBe(Finding.Unchanged);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public void An_event_of_its_amendment_tells_of_it_cut(string reduceOnly, bool tells)
    {
        var claim = ClaimedRequest.Of(ExchangeLooks.Amend, "symbol=BTCUSDT&side=SELL&quantity=60&price=41000&origClientOrderId=a", ClaimedRequest.Window);
        var told = UserDataEvent.Read(Encoding.UTF8.GetBytes(
            $$"""{"e":"ORDER_TRADE_UPDATE","T":{{ClaimedRequest.Stamp}},"o":{"s":"BTCUSDT","c":"a","S":"SELL","o":"LIMIT","q":"40","p":"41000","x":"AMENDMENT","X":"NEW","i":1,"R":{{reduceOnly}},"ps":"BOTH"} }""")).ShouldNotBeNull();

        EvidenceRules.IsAbout(claim, told).ShouldBe(tells);
    }

    [Theory]
    [InlineData("40", true)]
    [InlineData("60", true)]
    [InlineData("70", false)]
    public void One_amended_since_began_in_the_size_of_the_position(string before, bool began)
    {
        var claim = ClaimedRequest.Of(ExchangeLooks.Place, "symbol=BTCUSDT&side=SELL&type=LIMIT&quantity=60&price=41000&reduceOnly=true&newClientOrderId=a", ClaimedRequest.Window);
        var order = Shown("\"type\":\"LIMIT\",\"price\":\"42000\",\"origQty\":\"30\",\"reduceOnly\":true");
        var history = AmendmentEvidence.ReadAll(Encoding.UTF8.GetBytes($$$"""[{"time":1,"amendment":{"price":{"before":"41000","after":"42000"},"origQty":{"before":"{{{before}}}","after":"30"} } }]""")).ShouldNotBeNull();

        EvidenceRules.MayHaveBeenAmended(claim, order).ShouldBeTrue();
        EvidenceRules.BeganAsClaimed(claim, order, history).ShouldBe(began);
    }

    private static async Task<SimulatedFixture> LongAsync()
    {
        var world = new SimulatedFixture();
        (await world.Time.RunAsync(() => Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("open", 0.04m), content: null)))).Execution.ShouldBe(ExecutionStatus.Executed);
        return world;
    }

    private static OrderEvidence Shown(string more)
    {
        var order = System.Text.Json.Nodes.JsonNode.Parse($$"""{"orderId":1,"clientOrderId":"a","symbol":"BTCUSDT","side":"SELL","type":"MARKET","time":{{ClaimedRequest.Stamp}}}""")!.AsObject();
        foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse($"{{{more}}}")!.AsObject())
        {
            order[name] = value?.DeepClone();
        }

        return OrderEvidence.Read(Encoding.UTF8.GetBytes(order.ToJsonString())).ShouldNotBeNull();
    }
}
