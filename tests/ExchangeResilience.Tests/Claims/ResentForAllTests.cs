using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Claims;

/// <summary>An order that is sent again once it is proven absent: whoever waits for it is told what became of the second sending.</summary>
public sealed class ResentForAllTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task No_caller_is_denied_what_another_sends_again(bool firstIsBatch, bool secondIsBatch)
    {
        using var world = new SimulatedFixture(static options =>
        {
            options.AfterProvenAbsent = AfterProvenAbsent.Resend;
            options.TotalTimeout = TimeSpan.FromSeconds(60);
            options.SendBefore = TimeSpan.FromSeconds(50);
        });

        await world.Time.RunAsync(async () =>
        {
            world.Exchange.Faults.Next("POST /fapi/v1/*", Fault.DropBeforeExecute);
            var first = SendAsync(firstIsBatch, "x");
            await Task.Delay(TimeSpan.FromMilliseconds(200), world.Time);
            var others = new[] { SendAsync(secondIsBatch, "y"), SendAsync(secondIsBatch, "z") };
            (await first).ShouldBe(ExecutionStatus.Executed);
            (await Task.WhenAll(others)).ShouldAllBe(static told => told == ExecutionStatus.Executed);
        });

        world.Exchange.ExecutionsOf("o1").Count.ShouldBe(1);

        async Task<ExecutionStatus> SendAsync(bool isBatch, string companion)
        {
            if (!isBatch)
            {
                return (await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("o1"), null))).Execution;
            }

            var items = $"[{Item("o1")},{Item(companion)}]";
            using var response = await world.Http.PostAsync($"/fapi/v1/batchOrders?batchOrders={Uri.EscapeDataString(items)}", null);
            return response.GetExchangeErrors()[0]?.Execution ?? ExecutionStatus.Executed;
        }

        static string Item(string id) => $$"""{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.001","newClientOrderId":"{{id}}"}""";
    }
}
