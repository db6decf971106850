using ExchangeResilience.Tests.Batches;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Clients;

/// <summary>A batch of amendments may name its orders as its program knows them: one by its own id, another by the exchange's.</summary>
public sealed class AmendBatchTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Orders_named_in_two_ways_leave_in_one_batch(bool placedHere)
    {
        using var world = new SimulatedFixture();
        using var other = world.NewClient();
        var http = placedHere ? world.Http : other.Http;
        foreach (var id in new[] { "a", "b" })
        {
            await world.Time.RunAsync(() => http.PostAsync($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=40000&newClientOrderId={id}", content: null));
        }

        var number = world.Exchange.Orders.Single(static order => order.ClientOrderId == "b").OrderId;
        var byNumber = Batch.Change("b", 42_000).Replace("\"origClientOrderId\":\"b\"", $"\"orderId\":\"{number}\"", StringComparison.Ordinal);
        byNumber.ShouldNotBe(Batch.Change("b", 42_000));

        var told = await world.Time.RunAsync(() => ToldBatch.HearAsync(world.Http.PutAsync(Batch.Of(Batch.Change("a", 41_000), byNumber), content: null)));

        told.Thrown.ShouldBeNull();
        told.Outcomes.ShouldBe("Executed Executed", told.ToString());
        world.Exchange.Orders.Select(static order => order.Price).ShouldBe([41_000m, 42_000m]);
    }
}
