using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Claims;

/// <summary>A cancel is for the orders that it names, and for each of them.</summary>
public sealed class CancelOfWhichTests
{
    private const string CancelById = "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=id1";
    private const string CancelInABatch = "/fapi/v1/batchOrders?symbol=BTCUSDT&origClientOrderIdList=%5B%22id1%22%5D";

    [Theory]
    [InlineData(CancelById, 0.013)]
    [InlineData(CancelById, 0.012)]
    [InlineData(CancelInABatch, 0.013)]
    [InlineData(CancelInABatch, 0.012)]
    public async Task One_that_ends_an_older_order_of_its_id_is_kept_for_the_one_that_is_under_way(string cancel, double quantity)
    {
        using var world = new SimulatedFixture();

        await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.PostAsync(Limit("id1", 0.012m), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            await Task.Delay(TimeSpan.FromMinutes(2), world.Time);
            world.Exchange.Faults.Next(HeadlineChecks.PlaceOrder, Fault.LateAccept(TimeSpan.FromSeconds(3), Fault.ExecuteThenDrop));
            var placed = Told.HearAsync(world.Http.PostAsync(Limit("id1", (decimal)quantity), null));
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            (await Told.HearAsync(world.Http.DeleteAsync(cancel))).Status.ShouldBe(200);
            await placed;
            await Task.Delay(TimeSpan.FromMinutes(1), world.Time);
        });

        world.Exchange.Orders.Select(static order => order.Status).ShouldBe(["CANCELED", "CANCELED"]);
    }

    [Fact]
    public async Task A_cancel_of_all_of_one_symbol_leaves_what_a_batch_places_of_another()
    {
        using var world = new SimulatedFixture(static options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.TotalTimeout = TimeSpan.FromSeconds(90);
            options.SendBefore = TimeSpan.FromSeconds(50);
        });

        await world.Time.RunAsync(async () =>
        {
            world.Exchange.Faults.Next("POST /fapi/v1/batchOrders", Fault.DropBeforeExecute);
            var placed = world.Http.PostAsync($"/fapi/v1/batchOrders?batchOrders={Uri.EscapeDataString($"[{Item("ETHUSDT", "e1", 1_001)},{Item("BTCUSDT", "b1", 30_002)}]")}", null);
            await Task.Delay(TimeSpan.FromSeconds(1), world.Time);
            (await Told.HearAsync(world.Http.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT"))).Status.ShouldBe(200);
            (await placed).Dispose();
            await Task.Delay(TimeSpan.FromMinutes(1), world.Time);
        });

        world.Exchange.Orders.Single(static order => order.ClientOrderId == "e1").Status.ShouldBe("NEW");
        world.Exchange.Orders.ShouldNotContain(static order => order.ClientOrderId == "b1" && order.Status == "NEW");
    }

    private static string Limit(string id, decimal quantity) =>
        FormattableString.Invariant($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity={quantity}&price=30002&newClientOrderId={id}");

    private static string Item(string symbol, string id, int price) =>
        $$"""{"symbol":"{{symbol}}","side":"BUY","type":"LIMIT","timeInForce":"GTC","quantity":"0.02","price":"{{price}}","newClientOrderId":"{{id}}"}""";
}
