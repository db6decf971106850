using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Handling;

namespace ExchangeResilience.Tests.Claims;

/// <summary>The exchange takes a symbol in either case for the same; so does whatever keeps a second order from leaving.</summary>
public sealed class SymbolCaseTests
{
    private const string CancelAll = "DELETE /fapi/v1/allOpenOrders";
    private const string Order = "{\"orderId\":7,\"symbol\":\"BTCUSDT\",\"clientOrderId\":\"x\",\"side\":\"BUY\",\"type\":\"MARKET\",\"origQty\":\"1\",\"status\":\"NEW\"}";

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task An_order_in_doubt_is_not_bought_again_under_another_spelling()
    {
        using var exchange = Telling().OnLost(ExchangeLooks.Place, new HttpRequestException("reset"));
        using var client = new ProtectedClient(exchange, static options => options.TotalTimeout = TimeSpan.FromSeconds(10), _time);

        var told = await _time.RunAsync(async () =>
        {
            var first = Told.HearAsync(client.Http.PostAsync(PlaceOf("BTCUSDT"), null));
            await Task.Delay(TimeSpan.FromSeconds(1), _time);
            return await Task.WhenAll(first, Told.HearAsync(client.Http.PostAsync(PlaceOf("btcUsdt"), null)));
        });

        told.ShouldAllBe(static call => call.Execution == ExecutionStatus.Unknown);
        exchange.SeenAt(ExchangeLooks.Place).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_cancel_of_all_is_not_repeated_over_an_order_of_another_spelling()
    {
        using var exchange = Telling().On(ExchangeLooks.Place, 200, Order).On(CancelAll, async (_, stop) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), _time, stop);
            throw new HttpRequestException("reset");
        });
        using var client = new ProtectedClient(exchange, time: _time);

        await _time.RunAsync(async () =>
        {
            var cancel = Told.HearAsync(client.Http.DeleteAsync("/fapi/v1/allOpenOrders?symbol=BTCUSDT"));
            await Task.Delay(TimeSpan.FromMilliseconds(100), _time);
            (await Told.HearAsync(client.Http.PostAsync(PlaceOf("btcusdt"), null))).Execution.ShouldBe(ExecutionStatus.Executed);
            await cancel;
        });

        exchange.SeenAt(CancelAll).ShouldHaveSingleItem();
        exchange.SeenAt(ExchangeLooks.Place).ShouldHaveSingleItem()["symbol"].ShouldBe("btcusdt", "what is sent stays as the caller spells it");
    }

    private ScriptedExchange Telling() =>
        new ScriptedExchange().On("GET /fapi/v1/time", _ => ScriptedExchange.Reply(200, FormattableString.Invariant($"{{\"serverTime\":{_time.GetUtcNow().ToUnixTimeMilliseconds()}}}")));

    private static string PlaceOf(string symbol) => $"/fapi/v1/order?symbol={symbol}&side=BUY&type=MARKET&quantity=1&newClientOrderId=x";
}
