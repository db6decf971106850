using System.Net;

namespace ExchangeResilience.Testing.Tests.Exchange;

public sealed class OrderTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private readonly Trader _trader;

    public OrderTests()
    {
        _exchange = new SimulatedExchange(time: _time);
        _trader = new Trader(_exchange, _time);
    }

    public void Dispose() => _trader.Dispose();

    [Fact]
    public async Task A_market_order_fills_at_once_and_is_found_by_its_client_id()
    {
        var placed = await _trader.PlaceMarketAsync("a-1");
        placed.ShouldBeOk();
        placed.Text("status").ShouldBe("NEW", "a plain acknowledgement shows the order as it was taken on");
        placed.Json.TryGetProperty("avgPrice", out _).ShouldBeFalse();

        var found = await _trader.FindAsync("a-1");

        found.ShouldBeOk();
        found.Text("status").ShouldBe("FILLED");
        found.Text("executedQty").ShouldBe("0.001");
        found.Text("avgPrice").ShouldBe("50000");
        found.Json.GetProperty("time").GetInt64().ShouldBe(_time.GetUtcNow().ToUnixTimeMilliseconds());
        var execution = _exchange.ExecutionsOf("a-1").ShouldHaveSingleItem().Executions.ShouldHaveSingleItem();
        (execution.Price, execution.Quantity).ShouldBe((50000m, 0.001m));
    }

    [Fact]
    public async Task An_acknowledgement_with_RESULT_shows_the_fill() =>
        (await _trader.PlaceMarketAsync("a-1", more: "&newOrderRespType=RESULT")).Text("status").ShouldBe("FILLED");

    [Fact]
    public async Task The_same_id_again_makes_a_second_fill_once_the_first_order_is_closed()
    {
        (await _trader.PlaceMarketAsync("a-1")).ShouldBeOk();
        (await _trader.PlaceMarketAsync("a-1")).ShouldBeOk();

        _exchange.ExecutionsOf("a-1").Count.ShouldBe(2);
        _exchange.Duplicates.ShouldHaveSingleItem().Orders.Count.ShouldBe(2);
        _exchange.DuplicateIntents.Count.ShouldBe(1);
        var board = _exchange.Scoreboard;
        (board.Executions, board.ClientOrderIds, board.DuplicateClientOrderIds, board.ExtraExecutions).ShouldBe((2, 1, 1, 1));
    }

    [Fact]
    public async Task The_same_id_again_is_refused_while_the_first_order_is_open_and_free_once_it_is_not()
    {
        (await _trader.PlaceLimitAsync("a-1")).ShouldBeOk();
        (await _trader.PlaceLimitAsync("a-1")).ShouldBeRefused(-4116);
        (await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=a-1")).Text("status").ShouldBe("CANCELED");

        (await _trader.PlaceLimitAsync("a-1")).ShouldBeOk();
    }

    [Fact]
    public async Task The_same_id_is_free_on_another_symbol()
    {
        (await _trader.PlaceLimitAsync("a-1")).ShouldBeOk();

        (await _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/order", "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=2000&quantity=1&newClientOrderId=a-1")).ShouldBeOk();
    }

    [Fact]
    public async Task A_query_by_client_id_finds_the_newest_namesake()
    {
        await _trader.PlaceMarketAsync("a-1");
        _time.Advance(TimeSpan.FromSeconds(1));
        await _trader.PlaceMarketAsync("a-1", "0.002");

        (await _trader.FindAsync("a-1")).Text("origQty").ShouldBe("0.002");
    }

    [Fact]
    public async Task A_new_order_becomes_visible_to_queries_only_after_the_lag()
    {
        _exchange.Options.QueryLag = TimeSpan.FromSeconds(2);
        await _trader.PlaceLimitAsync("a-1");

        _time.Advance(TimeSpan.FromMilliseconds(1999));
        (await _trader.FindAsync("a-1")).ShouldBeRefused(-2013);
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/openOrders", "symbol=BTCUSDT")).Body.ShouldBe("[]");
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/allOrders", "symbol=BTCUSDT")).Body.ShouldBe("[]");
        (await _trader.PlaceLimitAsync("a-1")).ShouldBeRefused(-4116);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await _trader.FindAsync("a-1")).ShouldBeOk();
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/openOrders", "symbol=BTCUSDT")).Json.GetArrayLength().ShouldBe(1);
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/allOrders", "symbol=BTCUSDT")).Json.GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task An_amendment_becomes_visible_to_queries_only_after_the_lag()
    {
        await _trader.PlaceLimitAsync("a-1");
        _exchange.Options.ChangeLag = TimeSpan.FromSeconds(2);
        (await _trader.SignedAsync(HttpMethod.Put, "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&origClientOrderId=a-1&price=41000&quantity=0.002")).Text("price").ShouldBe("41000");

        _time.Advance(TimeSpan.FromMilliseconds(1999));
        (await _trader.FindAsync("a-1")).Text("price").ShouldBe("40000");
        (await _trader.FindAsync("a-1", "/fapi/v1/orderAmendment")).Body.ShouldBe("[]");

        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await _trader.FindAsync("a-1")).Text("price").ShouldBe("41000");
        (await _trader.FindAsync("a-1", "/fapi/v1/orderAmendment")).Json.GetArrayLength().ShouldBe(1);
    }

    [Fact]
    public async Task A_cancelled_or_filled_order_looks_open_until_the_lag_has_passed()
    {
        await _trader.PlaceLimitAsync("cancelled");
        await _trader.PlaceLimitAsync("filled");
        _exchange.Options.ChangeLag = TimeSpan.FromSeconds(2);
        (await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=cancelled")).ShouldBeOk();
        _exchange.Fill(_exchange.Orders[1].OrderId);

        _time.Advance(TimeSpan.FromMilliseconds(1999));
        (await _trader.FindAsync("cancelled")).Text("status").ShouldBe("NEW");
        (await _trader.FindAsync("filled", "/fapi/v1/openOrder")).Text("executedQty").ShouldBe("0");
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/openOrders", "symbol=BTCUSDT")).Json.GetArrayLength().ShouldBe(2);
        (await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=cancelled")).ShouldBeRefused(-2011);

        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await _trader.FindAsync("cancelled")).Text("status").ShouldBe("CANCELED");
        (await _trader.FindAsync("filled")).Text("status").ShouldBe("FILLED");
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/openOrders", "symbol=BTCUSDT")).Body.ShouldBe("[]");
    }

    [Fact]
    public async Task Every_effect_is_told_with_the_request_that_had_it()
    {
        _exchange.Faults.Next("POST /fapi/v1/order", Fault.ExecuteThenDrop, Fault.DropBeforeExecute);
        await Should.ThrowAsync<HttpRequestException>(() => _trader.PlaceLimitAsync("a-1"));
        await Should.ThrowAsync<HttpRequestException>(() => _trader.PlaceLimitAsync("lost"));
        await _trader.SignedAsync(HttpMethod.Put, "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&origClientOrderId=a-1&price=41000&quantity=0.002");
        await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=a-1");

        _exchange.Effects.Select(effect => (effect.Kind, effect.RequestNumber, effect.ClientOrderId, effect.Price, effect.Quantity)).ShouldBe([
            (EffectKind.Placed, 1, "a-1", 40000m, 0.001m),
            (EffectKind.Amended, 3, "a-1", 41000m, 0.002m),
            (EffectKind.Cancelled, 4, "a-1", 41000m, 0.002m)]);
    }

    [Fact]
    public async Task An_order_accepted_late_took_effect_when_the_engine_took_it_on()
    {
        _exchange.Faults.Next("POST /fapi/v1/order", Fault.LateAccept(TimeSpan.FromSeconds(3)));
        await Should.ThrowAsync<HttpRequestException>(() => _trader.PlaceLimitAsync("late"));
        _time.Advance(TimeSpan.FromSeconds(9));

        _exchange.Effects.ShouldHaveSingleItem().Elapsed.ShouldBe(TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task An_open_order_query_denies_a_filled_order()
    {
        await _trader.PlaceMarketAsync("filled");
        await _trader.PlaceLimitAsync("open");

        (await _trader.FindAsync("filled", "/fapi/v1/openOrder")).ShouldBeRefused(-2013);
        (await _trader.FindAsync("open", "/fapi/v1/openOrder")).ShouldBeOk();
    }

    [Fact]
    public async Task Unfilled_ended_orders_are_forgotten_after_three_days_and_all_after_ninety()
    {
        await _trader.PlaceLimitAsync("canceled");
        await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=canceled");
        await _trader.PlaceMarketAsync("filled");

        _time.Advance(TimeSpan.FromDays(3) + TimeSpan.FromSeconds(1));
        (await _trader.FindAsync("canceled")).ShouldBeRefused(-2013);
        (await _trader.FindAsync("filled")).ShouldBeOk();

        _time.Advance(TimeSpan.FromDays(87));
        (await _trader.FindAsync("filled")).ShouldBeRefused(-2013);
    }

    [Theory]
    [InlineData("GTX", "50000", -5022)]
    [InlineData("FOK", "40000", -5021)]
    public async Task A_post_only_or_fill_or_kill_reject_leaves_no_record(string timeInForce, string price, int code)
    {
        (await _trader.PlaceLimitAsync("a-1", price, timeInForce: timeInForce)).ShouldBeRefused(code);

        (await _trader.FindAsync("a-1")).ShouldBeRefused(-2013);
        _exchange.Orders.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("IOC", "40000", "EXPIRED")]
    [InlineData("IOC", "51000", "FILLED")]
    [InlineData("FOK", "51000", "FILLED")]
    [InlineData("GTC", "51000", "FILLED")]
    [InlineData("GTC", "49999.9", "NEW")]
    [InlineData("GTX", "49999.9", "NEW")]
    public async Task A_limit_order_ends_as_its_time_in_force_says(string timeInForce, string price, string status)
    {
        (await _trader.PlaceLimitAsync("a-1", price, timeInForce: timeInForce)).ShouldBeOk();

        (await _trader.FindAsync("a-1")).Text("status").ShouldBe(status);
    }

    [Fact]
    public async Task A_resting_order_fills_at_its_own_price_when_the_market_comes_to_it()
    {
        await _trader.PlaceLimitAsync("a-1", "48000");

        _exchange.SetPrice("BTCUSDT", 48_000.1m);
        (await _trader.FindAsync("a-1")).Text("status").ShouldBe("NEW");
        _exchange.SetPrice("BTCUSDT", 47_000m);

        var found = await _trader.FindAsync("a-1");
        (found.Text("status"), found.Text("avgPrice")).ShouldBe(("FILLED", "48000"));
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/userTrades", "symbol=BTCUSDT&orderId=" + found.Text("orderId"))).Json[0].GetProperty("qty").GetString().ShouldBe("0.001");
    }

    [Theory]
    [InlineData("symbol=NOPEUSDT&side=BUY&type=MARKET&quantity=1", -1121)]
    [InlineData("symbol=BTCUSDT&side=UP&type=MARKET&quantity=1", -1117)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=ICEBERG&quantity=1", -1116)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=STOP_MARKET&stopPrice=1&quantity=1", -4120)]
    [InlineData("side=BUY&type=MARKET&quantity=1", -1102)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET", -1102)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=abc", -1100)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=", -1105)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0", -4003)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.0001", -1111)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=2000000", -4005)]
    [InlineData("symbol=%E6%B5%8B%E8%AF%95USDT&side=BUY&type=MARKET&quantity=4", -4164)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&price=5", -1106)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&timeInForce=GTC", -1114)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=40000", -1102)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&timeInForce=GTC", -1102)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=40000&timeInForce=DAY", -1115)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=40000.05&timeInForce=GTC", -1111)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=499&timeInForce=GTC", -4013)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=6000000&timeInForce=GTC", -4002)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=a b", -1100)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newClientOrderId=1234567890123456789012345678901234567", -4015)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&newOrderRespType=FULL", -1136)]
    [InlineData("symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&positionSide=LONG", -4061)]
    [InlineData("symbol=BTCUSDT&side=SELL&type=MARKET&quantity=1&reduceOnly=true", -2022)]
    [InlineData("symbol=BTCUSDT&side=SELL&type=MARKET&closePosition=true", -4136)]
    public async Task An_order_that_breaks_a_rule_is_refused_with_that_rules_code(string query, int code)
    {
        (await _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/order", query)).ShouldBeRefused(code);
        _exchange.Orders.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_symbol_in_another_script_is_taken_and_given_back_as_it_is()
    {
        var placed = await _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/order", "symbol=%E6%B5%8B%E8%AF%95USDT&side=BUY&type=MARKET&quantity=10");

        placed.ShouldBeOk();
        placed.Body.ShouldContain("测试USDT");
    }

    [Fact]
    public async Task An_order_beyond_the_margin_is_refused()
    {
        _exchange.Options.InitialBalance.ShouldBe(10_000_000_000m);
        using var poor = new Trader(new SimulatedExchange(new SimulatedExchangeOptions { InitialBalance = 10 }, _time), _time);

        (await poor.PlaceMarketAsync("a-1", "0.005")).ShouldBeRefused(-2019);
        (await poor.PlaceMarketAsync("a-2", "0.004")).ShouldBeOk();
        (await poor.PlaceMarketAsync("a-3", "0.001")).ShouldBeRefused(-2019);
    }

    [Fact]
    public async Task A_reduce_only_order_takes_no_more_than_the_position()
    {
        await _trader.PlaceMarketAsync("open", "0.010");

        (await _trader.PlaceMarketAsync("close", "0.500", "SELL", "&reduceOnly=true")).ShouldBeOk();

        _exchange.ExecutionsOf("close").Single().ExecutedQuantity.ShouldBe(0.010m);
        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v3/positionRisk")).Body.ShouldBe("[]");
        (await _trader.PlaceMarketAsync("again", "0.001", "SELL", "&reduceOnly=true")).ShouldBeRefused(-2022);
    }

    [Fact]
    public async Task In_hedge_mode_each_side_has_a_position_of_its_own()
    {
        (await _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/positionSide/dual", "dualSidePosition=true")).ShouldBeOk();

        (await _trader.PlaceMarketAsync("none")).ShouldBeRefused(-4061);
        (await _trader.PlaceMarketAsync("reduce", more: "&positionSide=LONG&reduceOnly=true")).ShouldBeRefused(-1106);
        (await _trader.PlaceMarketAsync("long", "0.002", more: "&positionSide=LONG")).ShouldBeOk();
        (await _trader.PlaceMarketAsync("short", "0.001", "SELL", "&positionSide=SHORT")).ShouldBeOk();
        (await _trader.PlaceMarketAsync("too-much", "0.003", "SELL", "&positionSide=LONG")).ShouldBeRefused(-2022);
        (await _trader.PlaceMarketAsync("close", "0.002", "SELL", "&positionSide=LONG")).ShouldBeOk();

        var positions = (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v3/positionRisk")).Json;
        positions.GetArrayLength().ShouldBe(1);
        positions[0].GetProperty("positionAmt").GetString().ShouldBe("-0.001");
    }

    [Fact]
    public async Task Cancelling_what_is_not_open_is_refused()
    {
        await _trader.PlaceMarketAsync("filled");

        (await Cancel("filled")).ShouldBeRefused(-2011);
        (await Cancel("never")).ShouldBeRefused(-2011);
        (await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/order", "symbol=BTCUSDT")).ShouldBeRefused(-1102);

        Task<Reply> Cancel(string id) => _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=" + id);
    }

    [Fact]
    public async Task An_amendment_changes_the_order_and_leaves_a_history()
    {
        await _trader.PlaceLimitAsync("a-1", "40000", "0.002");

        (await Amend("41000", "0.003")).Text("price").ShouldBe("41000");
        (await Amend("41000", "0.003")).ShouldBeRefused(-5027);
        (await Amend("41000.05", "0.003")).ShouldBeRefused(-1111);

        var history = (await _trader.FindAsync("a-1", "/fapi/v1/orderAmendment")).Json;
        history.GetArrayLength().ShouldBe(1);
        var price = history[0].GetProperty("amendment").GetProperty("price");
        (price.GetProperty("before").GetString(), price.GetProperty("after").GetString()).ShouldBe(("40000", "41000"));
        (await _trader.SignedAsync(HttpMethod.Put, "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=no&side=BUY&price=41000&quantity=0.002")).ShouldBeRefused(-2013);
    }

    [Fact]
    public async Task An_amendment_to_what_is_filled_already_cancels_the_order()
    {
        var id = (await _trader.PlaceLimitAsync("a-1", "40000", "0.004")).Json.GetProperty("orderId").GetInt64();
        _exchange.Fill(id, 0.002m);
        (await _trader.FindAsync("a-1")).Text("status").ShouldBe("PARTIALLY_FILLED");

        (await Amend("40000", "0.002")).Text("status").ShouldBe("CANCELED");
    }

    [Fact]
    public async Task An_amendment_that_makes_a_post_only_order_marketable_cancels_it()
    {
        await _trader.PlaceLimitAsync("a-1", timeInForce: "GTX");

        (await Amend("50000", "0.001")).Text("status").ShouldBe("CANCELED");
    }

    [Fact]
    public async Task A_batch_answers_each_order_by_itself()
    {
        var batch = Uri.EscapeDataString("""[{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.001","newClientOrderId":"b-1"},{"symbol":"BTCUSDT","side":"SELL","type":"MARKET","quantity":"9","reduceOnly":"true"},{"symbol":"NOPE","side":"BUY","type":"MARKET","quantity":1}]""");

        var reply = await _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/batchOrders", "batchOrders=" + batch);

        reply.ShouldBeOk();
        reply.Json[0].GetProperty("clientOrderId").GetString().ShouldBe("b-1");
        reply.Json[1].GetProperty("orderId").GetInt64().ShouldBeGreaterThan(0, "the first element's position lets it reduce");
        reply.Json[2].GetProperty("code").GetInt32().ShouldBe(-1121);
        (reply.Headers["x-mbx-order-count-10s"], reply.Headers["x-mbx-order-count-1m"], reply.Headers["x-mbx-used-weight-1m"]).ShouldBe(("5", "1", "5"));
    }

    [Theory]
    [InlineData("[]", -4082)]
    [InlineData("[{},{},{},{},{},{}]", -4082)]
    [InlineData("nothing", -1130)]
    public async Task A_batch_of_the_wrong_size_or_form_is_refused_as_a_whole(string batch, int code) =>
        (await _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/batchOrders", "batchOrders=" + Uri.EscapeDataString(batch))).ShouldBeRefused(code);

    [Fact]
    public async Task Batches_amend_and_cancel_too()
    {
        await _trader.PlaceLimitAsync("a-1");
        var amend = Uri.EscapeDataString("""[{"symbol":"BTCUSDT","side":"BUY","price":"41000","quantity":"0.001","origClientOrderId":"a-1"}]""");
        (await _trader.SignedAsync(HttpMethod.Put, "/fapi/v1/batchOrders", "batchOrders=" + amend)).Json[0].GetProperty("price").GetString().ShouldBe("41000");

        var cancel = await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/batchOrders", "symbol=BTCUSDT&origClientOrderIdList=" + Uri.EscapeDataString("""["a-1","a-2"]"""));

        cancel.Json[0].GetProperty("status").GetString().ShouldBe("CANCELED");
        cancel.Json[1].GetProperty("code").GetInt32().ShouldBe(-2011);
        (await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/batchOrders", "symbol=BTCUSDT&orderIdList=" + Uri.EscapeDataString("[1,2,3,4,5,6,7,8,9,10,11]"))).ShouldBeRefused(-4032);
    }

    [Fact]
    public async Task Cancel_all_cancels_that_symbols_orders()
    {
        await _trader.PlaceLimitAsync("a-1");
        await _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/order", "symbol=ETHUSDT&side=BUY&type=LIMIT&timeInForce=GTC&price=2000&quantity=1&newClientOrderId=e-1");

        (await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/allOpenOrders", "symbol=BTCUSDT")).Code.ShouldBe(200);

        (await _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/openOrders")).Json[0].GetProperty("clientOrderId").GetString().ShouldBe("e-1");
    }

    [Fact]
    public async Task A_heartbeat_that_stops_cancels_the_orders_and_a_later_beat_supersedes()
    {
        await _trader.PlaceLimitAsync("a-1");
        (await Beat(10_000)).Text("countdownTime").ShouldBe("10000");
        _time.Advance(TimeSpan.FromSeconds(9));
        await Beat(10_000);
        _time.Advance(TimeSpan.FromSeconds(9));
        _exchange.Orders.Single().Status.ShouldBe("NEW");

        _time.Advance(TimeSpan.FromSeconds(5));

        var order = _exchange.Orders.Single();
        order.Status.ShouldBe("CANCELED");
        order.UpdateTime.ShouldBe(_time.GetUtcNow() - TimeSpan.FromSeconds(4), "it happened when it was due, not when somebody looked");

        Task<Reply> Beat(int wait) => _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/countdownCancelAll", $"symbol=BTCUSDT&countdownTime={wait}");
    }

    [Fact]
    public async Task A_test_order_is_checked_and_not_placed()
    {
        (await _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/order/test", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1")).Body.ShouldBe("{}");
        (await _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/order/test", "symbol=NOPE&side=BUY&type=MARKET&quantity=1")).ShouldBeRefused(-1121);

        _exchange.Orders.ShouldBeEmpty();
    }

    [Fact]
    public async Task Order_history_is_cut_to_the_asked_time()
    {
        var start = _time.GetUtcNow();
        foreach (var id in new[] { "a", "b", "c" })
        {
            await _trader.PlaceMarketAsync(id);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        string.Join(' ', (await All(start.AddMinutes(1), start.AddMinutes(2))).Json.EnumerateArray().Select(order => order.GetProperty("clientOrderId").GetString())).ShouldBe("b c");
        (await All(start, start.AddMinutes(9), "&limit=1")).Json[0].GetProperty("clientOrderId").GetString().ShouldBe("a");
        (await All(start, start.AddDays(8))).ShouldBeRefused(-1127);

        Task<Reply> All(DateTimeOffset from, DateTimeOffset to, string more = "") =>
            _trader.SignedAsync(HttpMethod.Get, "/fapi/v1/allOrders", $"symbol=BTCUSDT&startTime={from.ToUnixTimeMilliseconds()}&endTime={to.ToUnixTimeMilliseconds()}{more}");
    }

    [Fact]
    public async Task An_unknown_path_says_so()
    {
        var reply = await _trader.GetAsync("/fapi/v1/nothing");

        (reply.Status, reply.Code, reply.Text("msg")).ShouldBe((HttpStatusCode.NotFound, -5000, "Path /fapi/v1/nothing, Method GET is invalid"));
    }

    private Task<Reply> Amend(string price, string quantity) =>
        _trader.SignedAsync(HttpMethod.Put, "/fapi/v1/order", $"symbol=BTCUSDT&origClientOrderId=a-1&side=BUY&price={price}&quantity={quantity}");
}
