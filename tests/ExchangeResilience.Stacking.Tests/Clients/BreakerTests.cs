using ExchangeResilience.Testing;

namespace ExchangeResilience.Stacking.Tests.Clients;

/// <summary>What is refused here opens no breaker above: cancels and closing orders pass, however many orders were held back or stopped.</summary>
public sealed class BreakerTests
{
    private const int Refused = 300;

    public static TheoryData<Above> Stacks => [Above.Standard, Above.Hedging, Above.Pipeline];

    [Theory]
    [MemberData(nameof(Stacks))]
    public async Task Orders_that_a_person_has_stopped_open_no_breaker_for_cancels(Above above)
    {
        using var world = new World(KindOfClient.Typed, above, FaultPlan.None);
        world.Halt.StopOrders("ann", "drill");

        var cancelled = await world.Time.RunAsync(async () =>
        {
            for (var number = 0; number < Refused; number++)
            {
                (await world.BuyAsync(number)).Form.ShouldContain("ORDERS_STOPPED");
            }

            return await world.CancelAsync();
        });

        cancelled.Form.ShouldBe("400 NotExecuted");
    }

    [Theory]
    [MemberData(nameof(Stacks))]
    public async Task Orders_that_are_held_back_open_no_breaker_for_cancels(Above above)
    {
        using var world = new World(KindOfClient.Typed, above, FaultPlan.None);
        world.Exchange.Faults.Next("POST /fapi/v1/order", Fault.RefuseWithCode(429, -1015, "Too many new orders; current limit is 1200 orders per MINUTE."));

        var (cancelled, heldBack) = await world.Time.RunAsync(async () =>
        {
            await world.BuyAsync(Refused);
            var heard = await Task.WhenAll(Enumerable.Range(0, Refused).Select(world.BuyAsync));
            return (await world.CancelAsync(), heard.Count(static order => order.Form.Contains("HELD_BACK", StringComparison.Ordinal)));
        });

        heldBack.ShouldBeGreaterThan(100);
        cancelled.Form.ShouldBe("400 NotExecuted");
    }
}
