using System.Text;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>What an event of the user data stream says, and of which claim it tells.</summary>
public sealed class UserDataEvidenceTests
{
    private const string Place = "POST /fapi/v1/order";
    private const string Amend = "PUT /fapi/v1/order";

    [Fact]
    public void An_order_event_is_read_in_the_words_of_the_look_up()
    {
        var told = Read("""
            {"e":"ORDER_TRADE_UPDATE","T":7,"o":{"s":"BTCUSDT","c":"a","S":"BUY","o":"MARKET","ot":"STOP_MARKET","f":"GTC","q":"0.001","p":"40000","ap":"1",
             "sp":"2","x":"NEW","X":"FILLED","i":8886774,"z":"0.0005","T":1568879465651,"ps":"LONG","m":false}}
            """).ShouldNotBeNull();

        told.IsCreation.ShouldBeTrue();
        told.IsAmendment.ShouldBeFalse();
        var order = told.Order;
        (order.OrderId, order.ClientOrderId, order.Symbol, order.Side, order.Type, order.OriginalType).ShouldBe(("8886774", "a", "BTCUSDT", "BUY", "MARKET", "STOP_MARKET"));
        (order.TimeInForce, order.Status, order.Quantity, order.Price, order.ExecutedQuantity).ShouldBe(("GTC", "FILLED", 0.001m, 40_000m, 0.0005m));
        (order.TimeMs, order.UpdateTimeMs).ShouldBe((1568879465651, 1568879465651));
        Encoding.UTF8.GetString(order.Raw).ShouldBe(
            """{"orderId":8886774,"clientOrderId":"a","symbol":"BTCUSDT","side":"BUY","type":"MARKET","origType":"STOP_MARKET","timeInForce":"GTC","status":"FILLED","origQty":"0.001","price":"40000","avgPrice":"1","executedQty":"0.0005","stopPrice":"2","positionSide":"LONG","updateTime":1568879465651}""");
    }

    [Fact]
    public void An_event_of_a_conditional_order_is_read_in_the_words_of_its_look_up()
    {
        var told = Read("""
            {"e":"ALGO_UPDATE","T":7,"o":{"caid":"a","aid":3,"o":"STOP_MARKET","s":"BTCUSDT","S":"SELL","f":"GTC","q":"0.002","X":"NEW","p":"1","tp":"60000","ps":"BOTH"}}
            """).ShouldNotBeNull();

        told.IsCreation.ShouldBeTrue();
        told.IsAmendment.ShouldBeFalse();
        var order = told.Order;
        (order.OrderId, order.ClientOrderId, order.Symbol, order.Side, order.Type, order.TimeInForce).ShouldBe(("3", "a", "BTCUSDT", "SELL", "STOP_MARKET", "GTC"));
        (order.Status, order.Quantity, order.Price, order.TimeMs, order.UpdateTimeMs).ShouldBe(("NEW", 0.002m, 1m, 7, 7));
        Encoding.UTF8.GetString(order.Raw).ShouldBe(
            """{"algoId":3,"clientAlgoId":"a","symbol":"BTCUSDT","side":"SELL","orderType":"STOP_MARKET","timeInForce":"GTC","algoStatus":"NEW","quantity":"0.002","price":"1","triggerPrice":"60000","positionSide":"BOTH","updateTime":7}""");
    }

    [Theory]
    [InlineData("ORDER_TRADE_UPDATE", "\"x\":\"NEW\"", true, false)]
    [InlineData("ORDER_TRADE_UPDATE", "\"x\":\"AMENDMENT\"", false, true)]
    [InlineData("ORDER_TRADE_UPDATE", "\"x\":\"TRADE\",\"X\":\"NEW\"", false, false)]
    [InlineData("ORDER_TRADE_UPDATE", "\"X\":\"NEW\"", false, false)]
    [InlineData("ALGO_UPDATE", "\"X\":\"NEW\"", true, false)]
    [InlineData("ALGO_UPDATE", "\"X\":\"CANCELED\",\"x\":\"NEW\"", false, false)]
    [InlineData("ALGO_UPDATE", "\"X\":\"AMENDMENT\"", false, false)]
    public void Only_the_event_of_its_creation_or_amendment_bears_the_time_of_it(string name, string members, bool isCreation, bool isAmendment)
    {
        var told = Read($"{{\"e\":\"{name}\",\"o\":{{{members}}}}}").ShouldNotBeNull();

        (told.IsCreation, told.IsAmendment).ShouldBe((isCreation, isAmendment));
    }

    [Theory]
    [InlineData("\"T\":7,\"o\":{\"T\":5}", 5)]
    [InlineData("\"T\":7,\"o\":{\"T\":0}", 7)]
    [InlineData("\"T\":7,\"o\":{}", 7)]
    [InlineData("\"o\":{}", 0)]
    public void The_orders_own_time_comes_before_the_events(string members, long expected) =>
        Read($"{{\"e\":\"ORDER_TRADE_UPDATE\",{members}}}").ShouldNotBeNull().Order.TimeMs.ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("5")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"e\":\"ORDER_TRADE_UPDATE\"}")]
    [InlineData("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":5}")]
    [InlineData("{\"o\":{}}")]
    [InlineData("{\"e\":\"ACCOUNT_UPDATE\",\"o\":{}}")]
    [InlineData("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{}")]
    public void Any_other_event_tells_of_no_order(string payload) => Read(payload).ShouldBeNull();

    [Fact]
    public void What_is_neither_text_nor_number_is_not_passed_on() =>
        Encoding.UTF8.GetString(Read("{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{\"i\":1,\"c\":null,\"s\":[1],\"S\":true}}").ShouldNotBeNull().Order.Raw).ShouldBe("{\"orderId\":1,\"updateTime\":0}");

    [Theory]
    [InlineData("a", "NEW", 0, false, true)]
    [InlineData("b", "NEW", 0, false, false)]
    [InlineData("A", "NEW", 0, false, false)]
    [InlineData("a", "TRADE", 0, false, false)]
    [InlineData("a", "NEW", -1_000, false, false)]
    [InlineData("a", "TRADE", -1_000, true, true)]
    [InlineData("b", "NEW", 0, true, false)]
    public void An_event_tells_of_a_placed_order_by_id_and_by_the_time_of_its_creation(string id, string execution, int sinceStamp, bool generated, bool tells)
    {
        var claim = ClaimedRequest.Of(Place, "symbol=BTCUSDT&newClientOrderId=a", generated, canAsk: true, ClaimedRequest.Window);

        EvidenceRules.IsAbout(claim, Event(1, id, execution, ClaimedRequest.Stamp + sinceStamp)).ShouldBe(tells);
    }

    [Fact]
    public void An_event_of_other_terms_tells_of_another_order() =>
        EvidenceRules.IsAbout(ClaimedRequest.Of(Place, "symbol=ETHUSDT&newClientOrderId=a", ClaimedRequest.Window), Event(1, "a", "NEW", ClaimedRequest.Stamp)).ShouldBeFalse();

    [Theory]
    [InlineData("origClientOrderId=a&price=40000&quantity=0.001", "AMENDMENT", 0, true)]
    [InlineData("origClientOrderId=a", "AMENDMENT", 0, true)]
    [InlineData("orderId=1&price=40000", "AMENDMENT", 0, true)]
    [InlineData("orderId=2&origClientOrderId=a&price=40000", "AMENDMENT", 0, false)]
    [InlineData("origClientOrderId=b&price=40000", "AMENDMENT", 0, false)]
    [InlineData("origClientOrderId=a&price=40001&quantity=0.001", "AMENDMENT", 0, false)]
    [InlineData("origClientOrderId=a&price=40000&quantity=0.002", "AMENDMENT", 0, false)]
    [InlineData("origClientOrderId=a&price=40000&quantity=0.001", "NEW", 0, false)]
    [InlineData("origClientOrderId=a&price=40000&quantity=0.001", "AMENDMENT", -1_000, false)]
    public void An_event_tells_of_an_amendment_by_id_terms_and_time(string parameters, string execution, int sinceStamp, bool tells) =>
        EvidenceRules.IsAbout(ClaimedRequest.Of(Amend, $"symbol=BTCUSDT&{parameters}", ClaimedRequest.Window), Event(1, "a", execution, ClaimedRequest.Stamp + sinceStamp)).ShouldBe(tells);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Absence_proves_nothing_once_the_exchange_may_no_longer_show_unfilled_orders(int late, bool forgotten)
    {
        var claim = ClaimedRequest.Of(Place, "symbol=BTCUSDT&newClientOrderId=a", ClaimedRequest.Window, new AttemptWindow(ClaimedRequest.Stamp + 60_000, ClaimedRequest.RecvWindow));
        var retention = (long)ExchangeVenue.BinanceUsdFutures.UnfilledRetention.TotalMilliseconds;

        retention.ShouldBeGreaterThan(0);
        EvidenceRules.IsForgotten(claim, ClaimedRequest.Window.OpensMs + retention + late).ShouldBe(forgotten);
    }

    [Fact]
    public void What_was_never_sent_or_has_no_bounds_is_never_forgotten()
    {
        EvidenceRules.IsForgotten(ClaimedRequest.Of(Place, "symbol=BTCUSDT&newClientOrderId=a"), long.MaxValue).ShouldBeFalse();
        EvidenceRules.IsForgotten(ClaimedRequest.Of(Place, "symbol=BTCUSDT&newClientOrderId=a", ClaimedRequest.Window, null), long.MaxValue).ShouldBeFalse();
    }

    private static UserDataEvent? Read(string payload) => UserDataEvent.Read(Encoding.UTF8.GetBytes(payload));

    private static UserDataEvent Event(int orderId, string id, string execution, long time) => Read(FormattableString.Invariant(
        $"{{\"e\":\"ORDER_TRADE_UPDATE\",\"o\":{{\"s\":\"BTCUSDT\",\"c\":\"{id}\",\"i\":{orderId},\"x\":\"{execution}\",\"p\":\"40000\",\"q\":\"0.001\",\"T\":{time}}}}}")).ShouldNotBeNull();
}
