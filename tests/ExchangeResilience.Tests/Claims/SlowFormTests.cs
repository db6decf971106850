using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;

namespace ExchangeResilience.Tests.Claims;

/// <summary>A call counts from when the program made it, not from when its content had been read.</summary>
public sealed class SlowFormTests
{
    private const string Order = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=30002&newClientOrderId=";

    [Fact]
    public async Task Of_two_equal_calls_at_once_one_order_comes_though_one_is_read_slowly()
    {
        using var world = new SimulatedFixture();

        await world.Time.RunAsync(async () =>
        {
            var slow = PostSlowlyAsync(world, "id1");
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            var quick = await Told.HearAsync(world.Http.PostAsync($"/fapi/v1/order?{Order}id1", null));

            quick.Execution.ShouldBe(ExecutionStatus.Executed);
            (await slow).Execution.ShouldBe(ExecutionStatus.Executed);
        });

        world.Exchange.Orders.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData("/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=id1")]
    [InlineData("/fapi/v1/batchOrders?symbol=BTCUSDT&origClientOrderIdList=%5B%22id1%22%5D")]
    [InlineData("/fapi/v1/allOpenOrders?symbol=BTCUSDT")]
    public async Task A_cancel_that_was_called_later_leaves_no_order_resting_that_is_read_slowly(string cancel)
    {
        using var world = new SimulatedFixture();

        await world.Time.RunAsync(async () =>
        {
            var slow = PostSlowlyAsync(world, "id1");
            await Task.Delay(TimeSpan.FromMilliseconds(100), world.Time);
            (await Told.HearAsync(world.Http.DeleteAsync(cancel))).ToString();
            await slow;
            await Task.Delay(TimeSpan.FromMinutes(1), world.Time);
        });

        world.Exchange.Orders.ShouldNotContain(static order => order.Status == "NEW");
    }

    [Fact]
    public async Task While_one_is_read_an_order_placed_anew_under_an_id_is_a_new_order()
    {
        using var world = new SimulatedFixture();

        await world.Time.RunAsync(async () =>
        {
            var first = await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("id1"), null));
            var slow = PostSlowlyAsync(world, "id2");
            var second = await Told.HearAsync(world.Http.PostAsync(SimulatedFixture.Market("id1"), null));
            await slow;

            (first.Execution, second.Execution).ShouldBe((ExecutionStatus.Executed, ExecutionStatus.Executed));
        });

        world.Exchange.Orders.Select(static order => order.ClientOrderId).ShouldBe(["id1", "id1", "id2"]);
    }

    private static async Task<Told> PostSlowlyAsync(SimulatedFixture world, string id)
    {
        using var form = new SlowForm(world.Time, $"{Order}{id}");
        return await Told.HearAsync(world.Http.PostAsync("/fapi/v1/order", form));
    }

    private sealed class SlowForm : HttpContent
    {
        private readonly TimeProvider _time;
        private readonly string _text;

        public SlowForm(TimeProvider time, string text)
        {
            (_time, _text) = (time, text);
            Headers.ContentType = new MediaTypeHeaderValue("application/x-www-form-urlencoded");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await Task.Delay(TimeSpan.FromSeconds(1.5), _time);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(_text));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
