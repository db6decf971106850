using ExchangeResilience.Testing;

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
        (await _trader.PlaceMarketAsync("a-1")).ShouldBeOk();

        var found = await _trader.FindAsync("a-1");

        found.ShouldBeOk();
        found.Text("status").ShouldBe("FILLED");
        found.Text("executedQty").ShouldBe("0.001");
        found.Json.GetProperty("time").GetInt64().ShouldBe(_time.GetUtcNow().ToUnixTimeMilliseconds());
        _exchange.ExecutionsOf("a-1").Count.ShouldBe(1);
    }
}
