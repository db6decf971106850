namespace ExchangeResilience.Tests.Operations;

public sealed class OperationReaderTests
{
    private static readonly EndpointTable Endpoints = ExchangeVenue.BinanceUsdFutures.Endpoints;

    [Theory]
    [InlineData("GET", "/fapi/v1/order", OperationKind.Query)]
    [InlineData("POST", "/fapi/v1/order", OperationKind.Place)]
    [InlineData("PUT", "/fapi/v1/order", OperationKind.Amend)]
    [InlineData("DELETE", "/fapi/v1/order", OperationKind.Cancel)]
    [InlineData("POST", "/fapi/v1/order/test", OperationKind.Setting)]
    [InlineData("POST", "/fapi/v1/batchOrders", OperationKind.Place)]
    [InlineData("DELETE", "/fapi/v1/allOpenOrders", OperationKind.CancelAll)]
    [InlineData("DELETE", "/fapi/v1/algoOpenOrders", OperationKind.CancelAll)]
    [InlineData("POST", "/fapi/v1/countdownCancelAll", OperationKind.Heartbeat)]
    [InlineData("POST", "/fapi/v1/leverage", OperationKind.Setting)]
    [InlineData("POST", "/fapi/v1/marginType", OperationKind.Setting)]
    [InlineData("POST", "/fapi/v1/listenKey", OperationKind.Setting)]
    [InlineData("POST", "/fapi/v1/positionMargin", OperationKind.Additive)]
    [InlineData("POST", "/fapi/v1/algoOrder", OperationKind.Place)]
    [InlineData("GET", "/fapi/v9/newThing", OperationKind.Query)]
    [InlineData("HEAD", "/fapi/v1/time", OperationKind.Query)]
    [InlineData("POST", "/fapi/v9/newThing", OperationKind.Unclassified)]
    [InlineData("PATCH", "/fapi/v1/order", OperationKind.Unclassified)]
    [InlineData("POST", "/fapi/v1/order/", OperationKind.Unclassified)]
    public void A_path_tells_what_is_asked(string method, string path, OperationKind kind) =>
        Endpoints.Find(new HttpMethod(method), path).Kind.ShouldBe(kind);

    [Fact]
    public void The_engine_checks_the_window_of_exactly_the_four_order_endpoints() =>
        Endpoints.All.Where(row => row.EngineChecksWindow).Select(row => $"{row.Method} {row.Path}").ShouldBe(
            ["POST /fapi/v1/order", "PUT /fapi/v1/order", "POST /fapi/v1/batchOrders", "PUT /fapi/v1/batchOrders"], ignoreOrder: true);

    [Fact]
    public void Every_mutation_says_what_proves_its_success() =>
        Endpoints.All.Where(row => row.IsMutation && row.Proof == SuccessProof.NoNegativeCode).ShouldBeEmpty();

    [Fact]
    public void Everything_claimed_can_be_looked_for() =>
        Endpoints.All.Where(row => row.IsClaimed && (row.EvidencePath is null || row.EvidenceIdParameter is null)).ShouldBeEmpty();

    [Fact]
    public void Each_item_of_a_batch_is_a_request_of_the_row_of_a_single_order() =>
        Endpoints.All.Where(row => row.IsBatch).Select(row => Endpoints.Find(row.Method, row.ItemPath)).Select(row => $"{row.Kind} {row}").ShouldBe(
            ["Place POST /fapi/v1/order", "Amend PUT /fapi/v1/order", "Cancel DELETE /fapi/v1/order"], ignoreOrder: true);

    [Fact]
    public void Only_placing_and_amending_count_as_orders() =>
        Endpoints.All.Where(row => row.OrdersPer10Seconds > 0 || row.OrdersPerMinute > 0)
            .ShouldAllBe(row => row.Kind == OperationKind.Place || row.Kind == OperationKind.Amend || row.Path == "/fapi/v1/order/test");

    [Theory]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1", null, false)]
    [InlineData("symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1&reduceOnly=true", null, true)]
    [InlineData("symbol=BTCUSDT&side=SELL&positionSide=BOTH&reduceOnly=TRUE", null, true)]
    [InlineData("symbol=BTCUSDT&side=BUY&reduceOnly=false", null, false)]
    [InlineData("symbol=BTCUSDT&side=BUY&closePosition=true", null, true)]
    [InlineData("symbol=BTCUSDT&side=SELL&positionSide=LONG", null, true)]
    [InlineData("symbol=BTCUSDT&side=BUY&positionSide=LONG", null, false)]
    [InlineData("symbol=BTCUSDT&side=BUY&positionSide=SHORT", null, true)]
    [InlineData("symbol=BTCUSDT&side=SELL&positionSide=SHORT", null, false)]
    [InlineData("symbol=BTCUSDT&side=BUY&positionSide=LONG&reduceOnly=true", null, false)]
    [InlineData("", "symbol=BTCUSDT&side=SELL&reduceOnly=true", true)]
    public void Parameters_tell_whether_an_order_can_only_shrink_a_position(string query, string? form, bool reduces) =>
        Place(query, form).Risk.ShouldBe(reduces ? RiskDirection.Reducing : RiskDirection.Increasing);

    [Fact]
    public void Query_and_form_are_read_alike_and_the_query_wins()
    {
        var operation = Place("symbol=BTCUSDT&newClientOrderId=q1", "newClientOrderId=f1&side=BUY&type=LIMIT&quantity=0.5&price=100.10");

        operation.Symbol.ShouldBe("BTCUSDT");
        operation.ClientOrderId.ShouldBe("q1");
        operation.Terms.ShouldBe(new OrderTerms("BUY", "LIMIT", 0.5m, 100.1m) { ReduceOnly = false });
    }

    [Fact]
    public void The_terms_of_a_conditional_order_are_read_whatever_its_endpoint_calls_them()
    {
        Place("type=STOP&stopPrice=2&positionSide=LONG", null).Terms.ShouldBe(new OrderTerms(null, "STOP", null, null) { StopPrice = 2, PositionSide = "LONG", ReduceOnly = false });
        Place("type=STOP_MARKET&triggerPrice=2&reduceOnly=TRUE", null).Terms.ShouldBe(new OrderTerms(null, "STOP_MARKET", null, null) { StopPrice = 2, ReduceOnly = true });
        Place("activationPrice=3", null).Terms.ActivationPrice.ShouldBe(3);
        Place("activatePrice=3", null).Terms.ActivationPrice.ShouldBe(3);
    }

    [Theory]
    [InlineData("price=2", true)]
    [InlineData("price=2&priceMatch=NONE", true)]
    [InlineData("price=2&priceMatch=QUEUE", false)]
    public void A_price_that_the_exchange_chooses_is_not_among_the_terms(string parameters, bool isKnown) => Place(parameters, null).Terms.Price.HasValue.ShouldBe(isKnown);

    [Theory]
    [InlineData("symbol=BTCUSDT&side=BUY", "side=BUY&symbol=BTCUSDT", true)]
    [InlineData("symbol=BTCUSDT&side=BUY&timestamp=1&recvWindow=5&signature=a", "symbol=BTCUSDT&side=BUY&timestamp=2&signature=b", true)]
    [InlineData("symbol=BTCUSDT&side=BUY&newClientOrderId=a", "symbol=BTCUSDT&side=BUY&newClientOrderId=b", true)]
    [InlineData("symbol=BTCUSDT&side=BUY", "symbol=BTCUSDT&side=SELL", false)]
    [InlineData("symbol=BTCUSDT&quantity=1", "symbol=BTCUSDT&quantity=1.0", true)]
    [InlineData("symbol=BTCUSDT&quantity=0.01", "symbol=BTCUSDT&quantity=0.01000000", true)]
    [InlineData("symbol=BTCUSDT&quantity=0.01", "symbol=BTCUSDT&quantity=0.010000001", false)]
    [InlineData("symbol=BTCUSDT&quantity=100", "symbol=BTCUSDT&quantity=10", false)]
    [InlineData("symbol=BTCUSDT&newOrderRespType=RESULT", "symbol=BTCUSDT", true)]
    [InlineData("symbol=BTCUSDT&positionSide=BOTH&reduceOnly=false", "symbol=BTCUSDT", true)]
    [InlineData("symbol=BTCUSDT&positionSide=LONG", "symbol=BTCUSDT", false)]
    [InlineData("symbol=BTCUSDT&reduceOnly=true", "symbol=BTCUSDT", false)]
    [InlineData("symbol=%42TCUSDT", "symbol=BTCUSDT", true)]
    public void Two_requests_are_the_same_intent_if_all_but_stamp_signature_and_id_agree(string one, string other, bool same) =>
        (Place(one, null).Fingerprint == Place(other, null).Fingerprint).ShouldBe(same);

    [Fact]
    public void An_amend_is_claimed_under_the_id_that_prevails()
    {
        var endpoint = Endpoints.Find(HttpMethod.Put, "/fapi/v1/order");

        OperationReader.Read(endpoint, new RequestParameters("symbol=BTCUSDT&orderId=7&origClientOrderId=a", null)).TargetId.ShouldBe("7");
        OperationReader.Read(endpoint, new RequestParameters("symbol=BTCUSDT&origClientOrderId=a", null)).TargetId.ShouldBe("a");
    }

    [Theory]
    [InlineData("recvWindow=2500", 2500L)]
    [InlineData("recvWindow=abc", 60_000L)]
    [InlineData("", null)]
    public void A_window_nobody_can_read_is_taken_at_its_longest(string query, long? expected) =>
        Place(query, null).ForeignRecvWindowMs.ShouldBe(expected);

    [Theory]
    [InlineData("/fapi/v1/openOrders", "", 40)]
    [InlineData("/fapi/v1/openOrders", "?symbol=BTCUSDT", 1)]
    [InlineData("/fapi/v1/ticker/24hr", "?symbol=BTCUSDT", 1)]
    [InlineData("/fapi/v1/depth", "?symbol=BTCUSDT", 10)]
    [InlineData("/fapi/v1/depth", "?symbol=BTCUSDT&limit=50", 2)]
    [InlineData("/fapi/v1/depth", "?symbol=BTCUSDT&limit=51", 5)]
    [InlineData("/fapi/v1/depth", "?symbol=BTCUSDT&limit=1000", 20)]
    [InlineData("/fapi/v1/depth", "?limit=nonsense", 20)]
    [InlineData("/fapi/v1/klines", "?limit=99", 1)]
    [InlineData("/fapi/v1/klines", "?limit=100", 2)]
    [InlineData("/fapi/v1/order", "?symbol=BTCUSDT", 1)]
    public void A_request_weighs_what_its_parameters_make_it(string path, string query, int weight) =>
        Endpoints.Find(HttpMethod.Get, path).WeightOf(new RequestParameters(query, null)).ShouldBe(weight);

    [Fact]
    public void An_unlisted_path_is_signed_only_if_its_query_names_a_timestamp()
    {
        Endpoints.Find(HttpMethod.Get, new Uri("https://x/fapi/v9/new?timestamp=0")).Security.ShouldBe(EndpointSecurity.Signature);
        Endpoints.Find(HttpMethod.Post, new Uri("https://x/fapi/v9/new?timestamp=0")).ShouldSatisfyAllConditions(
            row => row.Security.ShouldBe(EndpointSecurity.Signature), row => row.Kind.ShouldBe(OperationKind.Unclassified));
        Endpoints.Find(HttpMethod.Get, new Uri("https://x/fapi/v9/new?a=1")).Security.ShouldBe(EndpointSecurity.Public);
        Endpoints.Find(HttpMethod.Get, new Uri("https://x/fapi/v1/time?timestamp=0")).Security.ShouldBe(EndpointSecurity.Public);
    }

    [Fact]
    public void What_is_shown_of_an_operation_never_holds_its_parameters()
    {
        Place("symbol=BTCUSDT&signature=secret", null).ToString().ShouldBe("POST /fapi/v1/order");
        Endpoints.Find(HttpMethod.Post, "/x/secret").PlainOperation.ToString().ShouldNotContain("secret");
    }

    private static ExchangeOperation Place(string query, string? form) =>
        OperationReader.Read(Endpoints.Find(HttpMethod.Post, "/fapi/v1/order"), new RequestParameters(query, form));
}
