namespace ExchangeResilience.Testing.Tests.Exchange;

public sealed class ForgetTests : IDisposable
{
    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private readonly Trader _trader;

    public ForgetTests()
    {
        _exchange = new SimulatedExchange(time: _time);
        _trader = new Trader(_exchange, _time);
    }

    public void Dispose() => _trader.Dispose();

    [Fact]
    public async Task What_is_over_and_old_is_gone_and_nothing_else()
    {
        await _trader.PlaceMarketAsync("old");
        await _trader.PlaceLimitAsync("resting");
        _time.Advance(TimeSpan.FromMinutes(2));
        await _trader.PlaceMarketAsync("young");

        _exchange.Forget(TimeSpan.FromMinutes(1));

        _exchange.Orders.Select(order => order.ClientOrderId).ShouldBe(["resting", "young"]);
        _exchange.Effects.Select(effect => effect.ClientOrderId).ShouldBe(["young"]);
        _exchange.Requests.Select(request => (request.Number, request.Status)).ShouldBe([(3, 200)]);
        (await _trader.FindAsync("old")).ShouldBeRefused(-2013);
        (await _trader.FindAsync("resting")).ShouldBeOk();
        (await _trader.FindAsync("young")).ShouldBeOk();
        _exchange.Requests.Select(request => request.Number).ShouldBe([3, 4, 5, 6]);
    }

    [Fact]
    public async Task A_request_forgotten_on_its_way_is_answered_all_the_same()
    {
        _exchange.Faults.Next("POST /fapi/v1/order", Fault.SlowEngine(TimeSpan.FromSeconds(2)));
        var slow = _trader.PlaceMarketAsync("slow");
        _time.Advance(TimeSpan.FromSeconds(1));
        await _trader.FindAsync("other");

        _exchange.Forget(TimeSpan.FromMilliseconds(500));
        _time.Advance(TimeSpan.FromSeconds(1));

        (await slow).ShouldBeOk();
        _exchange.Requests.ShouldHaveSingleItem().Path.ShouldBe("/fapi/v1/order");
        _exchange.Requests[0].Code.ShouldBe(-2013);
        _exchange.ExecutionsOf("slow").Count.ShouldBe(1);
    }

    [Fact]
    public async Task Attempts_are_counted_anew_once_they_are_forgotten()
    {
        var attempts = new List<int>();
        _exchange.Faults.Plan = FaultPlan.Custom(request =>
        {
            attempts.Add(request.Attempt);
            return null;
        });
        await _trader.FindAsync("same");
        await _trader.FindAsync("same");
        _time.Advance(TimeSpan.FromSeconds(1));

        _exchange.Forget(TimeSpan.Zero);
        await _trader.FindAsync("same");

        attempts.ShouldBe([1, 2, 1]);
        Should.Throw<ArgumentOutOfRangeException>(() => _exchange.Forget(TimeSpan.FromTicks(-1)));
    }
}
