using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Batches;
using ExchangeResilience.Tests.Claims;

namespace ExchangeResilience.Tests.Wire;

/// <summary>Batches through a typed client and real sockets.</summary>
[Trait("Speed", "Slow")]
public sealed class BatchOnTheWireTests
{
    [Theory]
    [InlineData("reset")]
    [InlineData("FIN")]
    [InlineData("half a body")]
    [InlineData("408")]
    public async Task A_batch_of_which_half_arrived_is_reconciled_item_by_item(string loss)
    {
        await using var world = await WireFixture.StartAsync(static options => options.AttemptTimeout = TimeSpan.FromSeconds(2));
        world.Exchange.Faults.Next(Batch.Place, Fault.OfItems([Fault.None, Fault.DropBeforeExecute, Fault.None, Fault.DropBeforeExecute], loss switch
        {
            "reset" => Fault.ExecuteThenDrop,
            "FIN" => Fault.ExecuteThenFin,
            "half a body" => Fault.HalfBody,
            _ => Fault.ExecutedTimeout,
        }));

        var told = await ToldBatch.HearAsync(world.Http.PostAsync(Batch.Of(Batch.Buy("a"), Batch.Buy("", 0.002m), Batch.Buy("c", 0.003m), Batch.Buy("d", 0.004m)), content: null));

        told.Outcomes.ShouldBe("Executed NotExecuted Executed NotExecuted", told.ToString());
        told.Array.ShouldBe("a -1001 c -1001");
        world.Exchange.Orders.Select(static order => order.ClientOrderId).ShouldBe(["a", "c"]);
        world.Exchange.Seen(Batch.Place).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Only_the_absent_half_leaves_again_signed_anew()
    {
        await using var world = await WireFixture.StartAsync(static options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.SendBefore = TimeSpan.FromSeconds(20);
        });
        world.Exchange.Faults.Next(Batch.Place, Fault.OfItems([Fault.None, Fault.DropBeforeExecute], Fault.ExecuteThenDrop));
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("batchOrders", $"[{Batch.Buy("a")},{Batch.Buy("b", 0.002m)}]")]);

        var told = await ToldBatch.HearAsync(world.Http.PostAsync("/fapi/v1/batchOrders", form));

        told.Outcomes.ShouldBe("Executed Executed", told.ToString());
        world.Exchange.SentIds().ShouldBe(["a b", "b"]);
        world.Exchange.Orders.Select(static order => order.ClientOrderId).ShouldBe(["a", "b"]);
        world.Exchange.DuplicateIntents.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_lost_batch_of_cancels_is_repeated_and_succeeds()
    {
        await using var world = await WireFixture.StartAsync();
        (await world.Http.PostAsync(Batch.Of(Batch.Rest("a"), Batch.Rest("b")), content: null)).Dispose();
        world.Exchange.Faults.Next(Batch.Cancel, Fault.ExecuteThenDrop);

        var told = await ToldBatch.HearAsync(world.Http.DeleteAsync(Batch.CancelOf("a", "b")));

        told.Outcomes.ShouldBe("Executed Executed", told.ToString());
        world.Exchange.Orders.ShouldAllBe(static order => order.Status == "CANCELED");
    }
}
