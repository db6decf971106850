using System.Text;
using ExchangeResilience.Tests.Reconciliation;

namespace ExchangeResilience.Tests.Claims;

/// <summary>The short way to recognise a placed order's own reply says yes only where reading all of it would.</summary>
public sealed class OrderEchoTests
{
    private static readonly ExchangeOperation Placed = ClaimedRequest.Operation("POST /fapi/v1/order", "symbol=btcusdt&side=BUY&type=LIMIT&quantity=1&price=2&newClientOrderId=mine");

    [Theory]
    [InlineData("""{"orderId":1,"symbol":"BTCUSDT","status":"NEW","clientOrderId":"mine","side":"BUY","updateTime":3}""")]
    [InlineData("""{"orderId":1,"clientOrderId":"mine"}""")]
    [InlineData("""{"orderId":1,"symbol":"btcusdt","status":"FILLED","fills":[{"clientOrderId":"other","status":"REJECTED"}]}""")]
    [InlineData("""{}""")]
    public void What_names_the_order_and_does_not_refuse_it_is_its_echo(string reply) => IsEcho(reply).ShouldBeTrue();

    [Theory]
    [InlineData("""{"orderId":1,"clientOrderId":"other"}""")]
    [InlineData("""{"orderId":1,"clientAlgoId":"other"}""")]
    [InlineData("""{"orderId":1,"clientOrderId":"mine","clientOrderId":"other"}""")]
    [InlineData("""{"orderId":1,"clientOrderId":"MINE"}""")]
    [InlineData("""{"orderId":1,"clientOrderId":7}""")]
    [InlineData("""{"orderId":1,"client\u004frderId":"other"}""")]
    [InlineData("""{"orderId":1,"clientOrderId":"m\u0069ne"}""")]
    [InlineData("""{"orderId":1,"symbol":"ETHUSDT"}""")]
    [InlineData("""{"orderId":1,"side":"SELL"}""")]
    [InlineData("""{"orderId":1,"clientOrderId":"mine","status":"REJECTED"}""")]
    [InlineData("""{"algoId":1,"clientAlgoId":"mine","algoStatus":"REJECTED"}""")]
    [InlineData("""{"orderId":1,"status":null}""")]
    [InlineData("""[{"orderId":1,"clientOrderId":"mine"}]""")]
    public void Anything_else_is_left_to_be_read(string reply) => IsEcho(reply).ShouldBeFalse();

    [Theory]
    [InlineData("symbol=BTCUSDT&side=BUY&type=LIMIT")]
    [InlineData("symbol=BTCUSDT&side=BUY&type=LIMIT&newClientOrderId=")]
    public void An_order_without_an_id_of_its_own_has_no_echo(string parameters) =>
        OrderEcho.IsOf(ClaimedRequest.Operation("POST /fapi/v1/order", parameters), """{"orderId":1,"symbol":"BTCUSDT","side":"BUY"}"""u8).ShouldBeFalse();

    private static bool IsEcho(string reply)
    {
        var bytes = Encoding.UTF8.GetBytes(reply);
        var isEcho = OrderEcho.IsOf(Placed, bytes);
        if (isEcho && OrderEvidence.ReadName(bytes) is { } read)
        {
            read.IsOtherThan(Placed).ShouldBeFalse();
            read.IsRejected.ShouldBeFalse();
        }

        return isEcho;
    }
}
