using System.Text;

namespace ExchangeResilience.Tests.Claims;

/// <summary>How an order's own description is read, and what is none.</summary>
public sealed class OrderEvidenceTests
{
    [Fact]
    public void An_order_is_read_with_everything_it_is_judged_by()
    {
        const string Body = """
            {"orderId":22542179,"clientOrderId":"a","symbol":"BTCUSDT","side":"BUY","type":"MARKET","origType":"STOP_MARKET","timeInForce":"GTX",
             "status":"FILLED","origQty":"0.00100","price":"40000.5","executedQty":"0.001","time":1700000000000,"updateTime":1700000000001}
            """;

        var order = Read(Body).ShouldNotBeNull();

        order.OrderId.ShouldBe("22542179");
        order.ClientOrderId.ShouldBe("a");
        order.Symbol.ShouldBe("BTCUSDT");
        order.Side.ShouldBe("BUY");
        order.Type.ShouldBe("MARKET");
        order.OriginalType.ShouldBe("STOP_MARKET");
        order.TimeInForce.ShouldBe("GTX");
        order.Status.ShouldBe("FILLED");
        order.Quantity.ShouldBe(0.001m);
        order.Price.ShouldBe(40000.5m);
        order.ExecutedQuantity.ShouldBe(0.001m);
        order.TimeMs.ShouldBe(1700000000000);
        order.UpdateTimeMs.ShouldBe(1700000000001);
        Encoding.UTF8.GetString(order.Raw).ShouldBe(Body);
    }

    [Fact]
    public void A_conditional_order_is_read_by_its_own_names()
    {
        var order = Read("""{"algoId":3,"clientAlgoId":"a","orderType":"STOP_MARKET","algoStatus":"NEW","quantity":"0.002","createTime":1700000000000}""").ShouldNotBeNull();

        order.OrderId.ShouldBe("3");
        order.ClientOrderId.ShouldBe("a");
        order.Type.ShouldBe("STOP_MARKET");
        order.Status.ShouldBe("NEW");
        order.Quantity.ShouldBe(0.002m);
        order.TimeMs.ShouldBe(1700000000000);
    }

    [Fact]
    public void An_orders_own_names_prevail_over_those_of_a_conditional_one()
    {
        var order = Read(
            """
            {"orderId":1,"algoId":2,"clientOrderId":"a","clientAlgoId":"b","type":"LIMIT","orderType":"STOP","status":"NEW","algoStatus":"FINISHED",
             "origQty":"1","quantity":"2","time":5,"createTime":6}
            """).ShouldNotBeNull();

        (order.OrderId, order.ClientOrderId, order.Type, order.Status, order.Quantity, order.TimeMs).ShouldBe(("1", "a", "LIMIT", "NEW", 1m, 5));
    }

    [Theory]
    [InlineData("\"time\":0,\"createTime\":7", 7)]
    [InlineData("\"time\":1,\"createTime\":7", 1)]
    [InlineData("\"time\":\"9\"", 9)]
    [InlineData("\"time\":-9", 0)]
    [InlineData("\"time\":1.5", 0)]
    [InlineData("\"time\":\"soon\"", 0)]
    [InlineData("\"time\":true", 0)]
    [InlineData("\"side\":\"BUY\"", 0)]
    public void The_time_of_creation_is_a_whole_number_of_milliseconds_or_unknown(string members, long expected) =>
        Read($"{{\"orderId\":1,{members}}}").ShouldNotBeNull().TimeMs.ShouldBe(expected);

    [Theory]
    [InlineData("\"origQty\":0.001", 0.001)]
    [InlineData("\"origQty\":\"-1\"", -1.0)]
    [InlineData("\"origQty\":\"x\"", null)]
    [InlineData("\"origQty\":null", null)]
    [InlineData("\"origQty\":[1]", null)]
    [InlineData("\"side\":\"BUY\"", null)]
    public void A_quantity_is_a_number_however_it_is_written(string members, double? expected) =>
        Read($"{{\"orderId\":1,{members}}}").ShouldNotBeNull().Quantity.ShouldBe((decimal?)expected);

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("5")]
    [InlineData("\"orderId\"")]
    [InlineData("{}")]
    [InlineData("{\"symbol\":\"BTCUSDT\"}")]
    [InlineData("{\"orderId\":null}")]
    [InlineData("{\"orderId\":true}")]
    [InlineData("{\"orderId\":{}}")]
    [InlineData("[{\"orderId\":1}]")]
    [InlineData("{\"orderId\":1")]
    public void What_names_no_order_is_no_order(string body) => Read(body).ShouldBeNull();

    [Fact]
    public void Of_an_array_each_order_is_read_with_its_own_bytes_and_the_rest_is_passed_over()
    {
        var orders = ReadAll("[ {\"orderId\":1, \"clientOrderId\":\"a\"}, 5, {}, [{\"orderId\":9}], {\"algoId\":2} ]").ShouldNotBeNull();

        orders.Select(order => (order.OrderId, order.ClientOrderId, Encoding.UTF8.GetString(order.Raw))).ShouldBe(
        [
            ("1", "a", "{\"orderId\":1, \"clientOrderId\":\"a\"}"),
            ("2", null, "{\"algoId\":2}"),
        ]);
    }

    [Fact]
    public void An_empty_array_is_an_answer() => ReadAll("[]").ShouldNotBeNull().ShouldBeEmpty();

    [Theory]
    [InlineData("")]
    [InlineData("{\"orderId\":1}")]
    [InlineData("[{\"orderId\":1}")]
    [InlineData("null")]
    public void What_is_no_whole_array_is_no_answer(string body) => ReadAll(body).ShouldBeNull();

    private static OrderEvidence? Read(string body) => OrderEvidence.Read(Encoding.UTF8.GetBytes(body));

    private static IReadOnlyList<OrderEvidence>? ReadAll(string body) => OrderEvidence.ReadAll(Encoding.UTF8.GetBytes(body));
}
