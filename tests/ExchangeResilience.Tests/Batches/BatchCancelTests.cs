using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Batches;

/// <summary>Batches of cancels: repeated at once, each refused item looked into, none forgotten while its order is in doubt.</summary>
public sealed class BatchCancelTests
{
    [Theory]
    [InlineData("reset before")]
    [InlineData("reset after")]
    [InlineData("408")]
    public async Task A_batch_of_cancels_that_was_lost_is_repeated_at_once_and_cancelled_counts_as_a_success(string loss)
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(Batch.Cancel, loss switch { "reset before" => Fault.DropBeforeExecute, "reset after" => Fault.ExecuteThenDrop, _ => Fault.ExecutedTimeout });

        var told = await CancelAsync(world, Batch.CancelOf("a", "b"));

        told.Status.ShouldBe(200, told.ToString());
        told.Outcomes.ShouldBe("Executed Executed");
        told.Items.ShouldAllBe(static item => item.GetProperty("status").GetString() == "CANCELED");
        told.Array.ShouldBe("a b");
        var sent = world.Exchange.Seen(Batch.Cancel);
        sent.Count.ShouldBe(2);
        sent[1].Elapsed.ShouldBe(sent[0].Elapsed);
        world.Exchange.Orders.ShouldAllBe(static order => order.Status == "CANCELED" || order.ClientOrderId == "c");
    }

    [Fact]
    public async Task Each_refused_item_is_looked_up_once_and_only_the_cancelled_count()
    {
        using var world = await RestingAsync();
        world.Exchange.Fill(world.Exchange.ExecutionsOf("b")[0].OrderId);
        await CancelAsync(world, Batch.CancelOf("c"));
        var looks = world.Exchange.Seen(ExchangeLooks.Look).Count;

        var told = await CancelAsync(world, Batch.CancelOf("a", "b", "c", "nobody"));

        told.Outcomes.ShouldBe("Executed NotExecuted Executed NotExecuted", told.ToString());
        told.Array.ShouldBe("a -2011 c -2011");
        told.Report.ShouldNotBeNull().ToString().ShouldContain("FILLED");
        told.Errors[1].ShouldNotBeNull().Advice.ShouldContain("was filled");
        (world.Exchange.Seen(ExchangeLooks.Look).Count - looks).ShouldBe(3);
        world.Exchange.Seen(Batch.Cancel).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Orders_named_by_the_exchanges_ids_are_looked_up_by_them()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(Batch.Cancel, Fault.ExecuteThenDrop);
        var ids = string.Join(',', world.Exchange.Orders.Select(static order => order.OrderId).Take(2));

        var told = await CancelAsync(world, $"/fapi/v1/batchOrders?symbol=BTCUSDT&orderIdList={Uri.EscapeDataString($"[{ids}]")}");

        told.Outcomes.ShouldBe("Executed Executed", told.ToString());
        world.Exchange.Seen(ExchangeLooks.Look).ShouldAllBe(static look => look.Parameters.ContainsKey("orderId"));
    }

    [Fact]
    public async Task An_item_of_unknown_outcome_is_repeated_without_the_others()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(Batch.Cancel, Fault.OfItems([Fault.None, Fault.RefuseWithCode(408, -1007, "Timeout")]));

        var told = await CancelAsync(world, Batch.CancelOf("a", "b", "c"));

        told.Outcomes.ShouldBe("Executed Executed Executed", told.ToString());
        world.Exchange.SentIds(Batch.Cancel).ShouldBe(["a b c", "b"]);
        world.Exchange.Orders.ShouldAllBe(static order => order.Status == "CANCELED");
    }

    [Fact]
    public async Task Lost_again_and_again_nothing_is_known_of_any()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Plan = FaultPlan.Custom(static request => request.Method == "DELETE" ? Fault.DropBeforeExecute : null);

        var told = await CancelAsync(world, Batch.CancelOf("a", "b"));

        told.Thrown.ShouldBeOfType<ExchangeErrorException>();
        told.Execution.ShouldBe(ExecutionStatus.Unknown);
        world.Exchange.Seen(Batch.Cancel).Count.ShouldBe(3);
    }

    [Fact]
    public async Task An_item_whose_look_up_fails_after_a_lost_reply_stays_unknown_and_the_others_are_known()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(Batch.Cancel, Fault.ExecuteThenDrop);
        world.Exchange.Faults.Next(ExchangeLooks.Look, Fault.HtmlReply(502));

        var told = await CancelAsync(world, Batch.CancelOf("a", "b"));

        told.Outcomes.ShouldBe("Unknown Executed", told.ToString());
        told.Array.ShouldBe("-1007 b");
    }

    [Fact]
    public async Task An_item_naming_an_order_in_doubt_waits_and_is_applied_when_the_order_appears()
    {
        using var world = await RestingAsync();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(3)));

        var (place, cancel) = await world.Time.RunAsync(async () =>
        {
            var place = Told.HearAsync(world.Http.PostAsync(Resting("late"), content: null));
            await Task.Delay(TimeSpan.FromMilliseconds(500), world.Time);
            var cancel = await ToldBatch.HearAsync(world.Http.DeleteAsync(Batch.CancelOf("a", "late")));
            return (await place, cancel);
        });

        place.Execution.ShouldBe(ExecutionStatus.Executed);
        cancel.Outcomes.ShouldBe("Executed Executed", cancel.ToString());
        world.Exchange.SentIds(Batch.Cancel).ShouldBe(["a late", "late"]);
        world.Exchange.ExecutionsOf("late").Single().Status.ShouldBe("CANCELED");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_cancel_whose_time_is_up_is_kept_for_the_order_in_doubt(bool lost)
    {
        using var world = new SimulatedFixture(static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(1));
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.LateAccept(TimeSpan.FromSeconds(4)));
        if (lost)
        {
            world.Exchange.Faults.Next(Batch.Cancel, Fault.DropBeforeExecute, Fault.DropBeforeExecute, Fault.DropBeforeExecute);
        }

        var cancel = await world.Time.RunAsync(async () =>
        {
            (await Told.HearAsync(world.Http.PostAsync(Resting("late"), content: null))).Execution.ShouldBe(ExecutionStatus.Unknown);
            var cancel = await ToldBatch.HearAsync(world.Http.DeleteAsync(Batch.CancelOf("late", "nobody")));
            await Task.Delay(TimeSpan.FromMinutes(2), world.Time);
            return cancel;
        });

        (cancel.Thrown is not null).ShouldBe(lost);
        (lost ? "" : cancel.Outcomes).ShouldBe(lost ? "" : "Unknown NotExecuted", cancel.ToString());
        world.Exchange.Orders.Single().Status.ShouldBe("CANCELED");
    }

    [Fact]
    public async Task The_repeat_of_a_batch_leaves_without_the_item_whose_id_was_placed_anew()
    {
        using var world = await RestingAsync();
        world.Exchange.Fill(world.Exchange.Orders[0].OrderId);
        var unknown = Fault.RefuseWithCode(408, -1007, "Timeout waiting for response from backend server.");
        world.Exchange.Faults.Next(Batch.Cancel, unknown, unknown);

        var told = await world.Time.RunAsync(async () =>
        {
            var cancel = ToldBatch.HearAsync(world.Http.DeleteAsync(Batch.CancelOf("a", "b", "c")));
            await Task.Delay(TimeSpan.FromMilliseconds(5), world.Time);
            (await Told.HearAsync(world.Http.PostAsync(Resting("a"), content: null))).Execution.ShouldBe(ExecutionStatus.Executed);
            return await cancel;
        });

        told.Outcomes.ShouldBe("Unknown Executed Executed", told.ToString());
        world.Exchange.Orders.Select(static order => order.Status).ShouldBe(["FILLED", "CANCELED", "CANCELED", "NEW"]);
    }

    private static string Resting(string id) => $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=40000&newClientOrderId={id}";

    private static Task<ToldBatch> CancelAsync(SimulatedFixture world, string cancels) => world.Time.RunAsync(() => ToldBatch.HearAsync(world.Http.DeleteAsync(cancels)));

    private static async Task<SimulatedFixture> RestingAsync()
    {
        var world = new SimulatedFixture();
        await world.Time.RunAsync(async () =>
        {
            (await ToldBatch.HearAsync(world.Http.PostAsync(Batch.Of(Batch.Rest("a"), Batch.Rest("b"), Batch.Rest("c")), content: null))).Outcomes.ShouldBe("Executed Executed Executed");
            await Task.Delay(TimeSpan.FromSeconds(20), world.Time);
        });
        return world;
    }
}
