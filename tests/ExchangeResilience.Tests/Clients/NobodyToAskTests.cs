using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using ExchangeResilience.Tests.EndToEnd;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Clients;

/// <summary>Without keys nothing can be looked up: no call waits for a look-up, and neither log nor report speaks of one.</summary>
public sealed class NobodyToAskTests : IDisposable
{
    private const string Rest = "/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&price=50000&timeInForce=GTC&quantity=0.001&newClientOrderId=";

    private readonly ManualTimeProvider _time = new();
    private readonly SimulatedExchange _exchange;
    private readonly CollectedLog _log = new();
    private readonly ProtectedClient _client;

    public NobodyToAskTests()
    {
        _exchange = new SimulatedExchange(new SimulatedExchangeOptions(), _time);
        _client = new ProtectedClient(_exchange.CreateHandler(), time: _time, signed: false, outer: builder => builder.Services.AddLogging(_log.Register));
    }

    public void Dispose()
    {
        _client.Dispose();
        _log.Dispose();
    }

    [Theory]
    [InlineData("DELETE", "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")]
    [InlineData("DELETE", "/fapi/v1/batchOrders?symbol=BTCUSDT&origClientOrderIdList=%5B%22a%22%5D")]
    public async Task A_cancel_that_finds_nothing_does_not_wait_for_its_order_in_doubt(string method, string path)
    {
        _exchange.Faults.Next(ExchangeLooks.Place, Fault.DropBeforeExecute);
        (await SendAsync("POST", Rest + "a")).Execution.ShouldBe(ExecutionStatus.Unknown);

        (await SendAtOnceAsync(method, path)).Execution.ShouldBe(ExecutionStatus.Unknown);

        ShouldClaimNoLook();
    }

    [Theory]
    [InlineData("/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price=52000&origClientOrderId=a")]
    [InlineData("/fapi/v1/batchOrders?batchOrders=%5B%7B%22symbol%22:%22BTCUSDT%22,%22side%22:%22BUY%22,%22quantity%22:%220.001%22,%22price%22:%2252000%22,%22origClientOrderId%22:%22a%22%7D%5D")]
    public async Task An_amendment_does_not_wait_for_an_earlier_one_in_doubt(string path)
    {
        (await SendAsync("POST", Rest + "a")).Execution.ShouldBe(ExecutionStatus.Executed);
        _exchange.Faults.Next("PUT /fapi/v1/order", Fault.ExecuteThenDrop);
        (await SendAsync("PUT", "/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price=51000&origClientOrderId=a")).Execution.ShouldBe(ExecutionStatus.Unknown);

        (await SendAtOnceAsync("PUT", path)).Error.ShouldNotBeNull().Name.ShouldBe("AMENDMENT_UNDER_WAY");

        ShouldClaimNoLook();
    }

    [Fact]
    public async Task An_amendment_waits_for_one_in_flight_until_that_is_in_doubt_and_no_longer()
    {
        using var client = new ProtectedClient(_exchange.CreateHandler(), static options => options.AttemptTimeout = TimeSpan.FromSeconds(2), _time, signed: false);
        (await SendAsync("POST", Rest + "a")).Execution.ShouldBe(ExecutionStatus.Executed);
        _exchange.Faults.Next("PUT /fapi/v1/order", Fault.Silence);
        using var first = SelfSigned.Query(HttpMethod.Put, "/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price=51000&origClientOrderId=a", _time);
        using var second = SelfSigned.Query(HttpMethod.Put, "/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=0.001&price=52000&origClientOrderId=a", _time);
        var began = _time.Elapsed;

        var (one, two) = await _time.RunAsync(async () =>
        {
            var one = Told.HearAsync(client.Http.SendAsync(first, TestContext.Current.CancellationToken));
            var two = Told.HearAsync(client.Http.SendAsync(second, TestContext.Current.CancellationToken));
            return (await one, await two);
        });

        one.Execution.ShouldBe(ExecutionStatus.Unknown);
        two.Error.ShouldNotBeNull().Name.ShouldBe("AMENDMENT_UNDER_WAY");
        (_time.Elapsed - began).ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Theory]
    [InlineData("/fapi/v1/positionMargin?symbol=BTCUSDT&amount=1&type=1")]
    [InlineData("/fapi/v1/countdownCancelAll?symbol=BTCUSDT&countdownTime=60000")]
    [InlineData("/fapi/v1/batchOrders?batchOrders=%5B%7B%22symbol%22:%22BTCUSDT%22,%22side%22:%22BUY%22,%22type%22:%22MARKET%22,%22quantity%22:%220.001%22%7D%5D")]
    public async Task What_is_not_repeated_is_unknown_at_once(string path)
    {
        _exchange.Faults.Next($"POST {path.Split('?')[0]}", Fault.ExecuteThenDrop);

        (await SendAtOnceAsync("POST", path)).Execution.ShouldBe(ExecutionStatus.Unknown);

        ShouldClaimNoLook();
    }

    [Fact]
    public async Task A_cancel_whose_repeat_finds_nothing_is_unknown_and_its_order_is_not_said_to_be_looked_up()
    {
        (await SendAsync("POST", Rest + "a")).Execution.ShouldBe(ExecutionStatus.Executed);
        _exchange.Faults.Next("DELETE /fapi/v1/order", Fault.ExecuteThenDrop);

        (await SendAsync("DELETE", "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=a")).Execution.ShouldBe(ExecutionStatus.Unknown);

        ShouldClaimNoLook();
    }

    private void ShouldClaimNoLook() => _log.Lines.ShouldNotContain(static line =>
        line.Text.Contains("is asked", StringComparison.Ordinal) || line.Text.Contains("is looked up at the exchange", StringComparison.Ordinal) || line.Text.Contains("is awaited", StringComparison.Ordinal));

    private async Task<Told> SendAtOnceAsync(string method, string path)
    {
        var began = _time.Elapsed;
        var told = await SendAsync(method, path);
        (_time.Elapsed - began).ShouldBeLessThan(TimeSpan.FromMilliseconds(10));
        return told;
    }

    private async Task<Told> SendAsync(string method, string path)
    {
        _time.Advance(TimeSpan.FromMilliseconds(1));
        using var request = SelfSigned.Query(new HttpMethod(method), path, _time);
        return await _time.RunAsync(() => Told.HearAsync(_client.Http.SendAsync(request, TestContext.Current.CancellationToken)));
    }
}
