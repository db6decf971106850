using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using ExchangeResilience.Tests.Journal;

namespace ExchangeResilience.Tests.Reconciliation;

/// <summary>A client without a key carries orders of several accounts, and an event of the user data stream does not say whose it is.</summary>
public sealed class StreamOfManyAccountsTests : IDisposable
{
    private const string OtherKey = "other-key";

    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private readonly ProtectedClient _client;

    public StreamOfManyAccountsTests()
    {
        var options = new SimulatedExchangeOptions();
        options.ApiKeys.Add(new SimulatedApiKey(OtherKey, SimulatedExchangeOptions.DefaultApiSecret, "other"));
        _exchange = new SimulatedExchange(options, _time);
        _client = new ProtectedClient(_exchange.CreateHandler(), JournalledWorld.Hurried, _time, signed: false);
        InDoubt.Settled += (_, settled) => Settled.Add(settled.Execution);
    }

    private IInDoubtOrders InDoubt => _client.Get<IInDoubtOrders>();

    private List<ExecutionStatus> Settled { get; } = [];

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task An_event_of_another_accounts_order_settles_nothing()
    {
        var (other, own) = await _time.RunAsync(async () =>
        {
            _exchange.Faults.Next(ExchangeLooks.Place, Fault.SlowEngine(TimeSpan.FromMilliseconds(500)));
            var slow = Told.HearAsync(_client.Http.SendAsync(Order(SimulatedExchangeOptions.DefaultApiKey)));
            await Task.Delay(TimeSpan.FromMilliseconds(100), _time);
            _exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
            return (Other: await Told.HearAsync(_client.Http.SendAsync(Order(OtherKey))), Own: await slow);
        });
        (other.Execution, own.Execution).ShouldBe((ExecutionStatus.Unknown, ExecutionStatus.Executed));
        var order = _exchange.Orders.Single(static each => each.Account != "other");

        Offer(order).ShouldBeFalse("the first account's order has that number");
        InDoubt.List().ShouldHaveSingleItem();
        Offer(_exchange.Orders.Single(static each => each.Account == "other")).ShouldBeTrue("the first account's order has another number");

        Settled.ShouldBe([ExecutionStatus.Executed]);
    }

    [Fact]
    public async Task An_event_that_may_tell_of_either_of_two_orders_settles_neither()
    {
        _exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
        _exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);
        await _time.RunAsync(() => Task.WhenAll(new[] { SimulatedExchangeOptions.DefaultApiKey, OtherKey }.Select(key => Told.HearAsync(_client.Http.SendAsync(Order(key))))));
        InDoubt.List().Count.ShouldBe(2);

        Offer(_exchange.Orders[0]).ShouldBeFalse();
        InDoubt.Settle(InDoubt.List()[0], ExecutionStatus.Executed, "desk", "seen in the first account").ShouldBeTrue();
        Offer(_exchange.Orders[0]).ShouldBeFalse("an operator's word names no number");

        InDoubt.List().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task An_order_of_other_terms_is_no_rival()
    {
        await PlaceAsync(SimulatedExchangeOptions.DefaultApiKey, Fault.ExecuteThenDrop);
        await PlaceAsync(OtherKey, Fault.DropBeforeExecute, 0.002m);

        Offer(_exchange.Orders[0]).ShouldBeTrue();

        InDoubt.List().ShouldHaveSingleItem().Quantity.ShouldBe(0.002m);
    }

    /// <summary>Each account has an order of that id, known by its number.</summary>
    [Fact]
    public async Task An_event_of_another_accounts_amendment_settles_none()
    {
        await _time.RunAsync(async () =>
        {
            foreach (var key in (string[])[SimulatedExchangeOptions.DefaultApiKey, OtherKey])
            {
                (await Told.HearAsync(_client.Http.SendAsync(Signed(HttpMethod.Post, Resting, key)))).Execution.ShouldBe(ExecutionStatus.Executed);
            }

            _exchange.Faults.Next(ExchangeLooks.Amend, Fault.DropBeforeExecute);
            (await Told.HearAsync(_client.Http.SendAsync(Signed(HttpMethod.Put, Amendment, OtherKey)))).Execution.ShouldBe(ExecutionStatus.Unknown);
            (await Told.HearAsync(_client.Http.SendAsync(Signed(HttpMethod.Put, Amendment, SimulatedExchangeOptions.DefaultApiKey)))).Execution.ShouldBe(ExecutionStatus.Executed);
        });

        OfferAmendment(_exchange.Orders.Single(static order => order.Account != "other")).ShouldBeFalse("the other account's order has another number");

        InDoubt.List().ShouldHaveSingleItem();
        OfferAmendment(_exchange.Orders.Single(static order => order.Account == "other")).ShouldBeTrue();
    }

    /// <summary>Nothing shows the number of the one, and the caller of the other has its verdict already.</summary>
    [Fact]
    public async Task Nor_does_it_settle_one_of_an_order_whose_number_is_not_known()
    {
        await _time.RunAsync(async () =>
        {
            (await Told.HearAsync(_client.Http.SendAsync(Signed(HttpMethod.Post, Resting, SimulatedExchangeOptions.DefaultApiKey)))).Execution.ShouldBe(ExecutionStatus.Executed);
            _exchange.Faults.Next(ExchangeLooks.Place, Fault.ExecuteThenDrop);
            (await Told.HearAsync(_client.Http.SendAsync(Signed(HttpMethod.Post, Resting, OtherKey)))).Execution.ShouldBe(ExecutionStatus.Unknown);
            _exchange.Faults.Next(ExchangeLooks.Amend, Fault.DropBeforeExecute);
            (await Told.HearAsync(_client.Http.SendAsync(Signed(HttpMethod.Put, Amendment, OtherKey)))).Execution.ShouldBe(ExecutionStatus.Unknown);
            (await Told.HearAsync(_client.Http.SendAsync(Signed(HttpMethod.Put, Amendment, SimulatedExchangeOptions.DefaultApiKey)))).Execution.ShouldBe(ExecutionStatus.Executed);
        });

        OfferAmendment(_exchange.Orders.Single(static order => order.Account != "other")).ShouldBeFalse();

        Settled.ShouldBeEmpty();
    }

    private const string Resting = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=30000&newClientOrderId=a";
    private const string Amendment = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price=31000&origClientOrderId=a";

    private bool OfferAmendment(SimulatedOrder order)
    {
        var at = _exchange.Clock.Now.ToUnixTimeMilliseconds();
        return InDoubt.OfferUserData("futures", System.Text.Encoding.UTF8.GetBytes(string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $$$"""{"e":"ORDER_TRADE_UPDATE","T":{{{at}}},"o":{"s":"BTCUSDT","c":"a","S":"BUY","o":"LIMIT","q":"0.001","p":"31000","x":"AMENDMENT","X":"NEW","i":{{{order.OrderId}}},"T":{{{at}}} } }""")));
    }

    private HttpRequestMessage Signed(HttpMethod method, string request, string key)
    {
        var signed = NaiveSigning.Sign(method, request, _time);
        signed.Headers.Remove("X-MBX-APIKEY");
        signed.Headers.Add("X-MBX-APIKEY", key);
        return signed;
    }

    private bool Offer(SimulatedOrder order) => InDoubt.OfferUserData("futures", OvertakenTests.EventOf(order));

    private Task<Told> PlaceAsync(string key, Fault fault, decimal quantity = 0.001m)
    {
        _exchange.Faults.Next(ExchangeLooks.Place, fault);
        return _time.RunAsync(() => Told.HearAsync(_client.Http.SendAsync(Order(key, quantity))));
    }

    private HttpRequestMessage Order(string key, decimal quantity = 0.001m) => Signed(HttpMethod.Post, SimulatedFixture.Market("a", quantity), key);
}
