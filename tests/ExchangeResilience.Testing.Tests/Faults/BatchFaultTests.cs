namespace ExchangeResilience.Testing.Tests.Faults;

/// <summary>Faults that meet the items of a batch one by one.</summary>
public sealed class BatchFaultTests : IDisposable
{
    private const string Place = "POST /fapi/v1/batchOrders";
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private readonly Trader _trader;

    public BatchFaultTests()
    {
        _exchange = new SimulatedExchange(time: _time);
        _trader = new Trader(_exchange, _time);
    }

    public void Dispose() => _trader.Dispose();

    [Fact]
    public async Task Each_item_meets_its_own_fault()
    {
        _exchange.Faults.Next(Place, Fault.OfItems([Fault.None, Fault.Throttled, Fault.ExecutedTimeout, Fault.DropBeforeExecute, Fault.ExecuteThenDrop]));

        var reply = await PlaceAsync("a", "b", "c", "d", "e");

        reply.ShouldBeOk();
        reply.Json.EnumerateArray().Select(static item => item.TryGetProperty("code", out var code) ? code.ToString() : item.GetProperty("clientOrderId").GetString()).ShouldBe(["a", "-1008", "-1007"]);
        _exchange.Orders.Select(static order => order.ClientOrderId).ShouldBe(["a", "c", "e"]);
        _exchange.Requests.Single().Fault.ShouldNotBeNull().Name.ShouldBe("OfItems");
    }

    [Fact]
    public async Task Items_beyond_the_faults_are_served()
    {
        _exchange.Faults.Next(Place, Fault.OfItems([Fault.DropBeforeExecute]));

        (await PlaceAsync("a", "b", "c")).Json.GetArrayLength().ShouldBe(2);
        _exchange.Orders.Select(static order => order.ClientOrderId).ShouldBe(["b", "c"]);
    }

    [Fact]
    public async Task The_reply_can_be_lost_or_made_up_for_all()
    {
        _exchange.Faults.Next(Place, Fault.OfItems([Fault.DropBeforeExecute], Fault.ExecutedTimeout), Fault.OfItems([Fault.DropBeforeExecute], Fault.ExecuteThenDrop));

        (await PlaceAsync("a", "b")).ShouldBeRefused(-1007, 408);
        await Should.ThrowAsync<HttpRequestException>(() => PlaceAsync("c", "d"));
        _exchange.Orders.Select(static order => order.ClientOrderId).ShouldBe(["b", "d"]);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(6, false)]
    public async Task An_item_accepted_late_takes_effect_only_within_its_window(int seconds, bool placed)
    {
        _exchange.Faults.Next(Place, Fault.OfItems([Fault.LateAccept(TimeSpan.FromSeconds(seconds))]));

        (await PlaceAsync("a", "b")).Json.GetArrayLength().ShouldBe(1);
        _exchange.ExecutionsOf("a").ShouldBeEmpty();
        _time.Advance(TimeSpan.FromSeconds(10));

        _exchange.ExecutionsOf("a").Count.ShouldBe(placed ? 1 : 0);
    }

    [Fact]
    public async Task Cancels_meet_them_too()
    {
        await _trader.PlaceLimitAsync("a");
        await _trader.PlaceLimitAsync("b");
        _exchange.Faults.Next("DELETE /fapi/v1/batchOrders", Fault.OfItems([Fault.DropBeforeExecute]));

        await _trader.SignedAsync(HttpMethod.Delete, "/fapi/v1/batchOrders", $"symbol=BTCUSDT&origClientOrderIdList={Uri.EscapeDataString("[\"a\",\"b\"]")}");

        _exchange.Orders.Select(static order => order.Status).ShouldBe(["NEW", "CANCELED"]);
    }

    [Fact]
    public void What_concerns_more_than_one_item_is_refused()
    {
        Should.Throw<ArgumentException>(() => Fault.OfItems([Fault.Ban(TimeSpan.FromMinutes(2))]));
        Should.Throw<ArgumentException>(() => Fault.OfItems([Fault.OfItems([Fault.None])]));
        Should.Throw<ArgumentException>(() => Fault.OfItems([], Fault.Ban(TimeSpan.FromMinutes(2))));
    }

    private Task<Reply> PlaceAsync(params string[] ids) => _trader.SignedAsync(HttpMethod.Post, "/fapi/v1/batchOrders", $"batchOrders={Uri.EscapeDataString($"[{string.Join(',', ids.Select(static id =>
        $$"""{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.001","newClientOrderId":"{{id}}"}"""))}]")}");
}
