using System.Globalization;
using ExchangeResilience;

namespace TradingDesk;

/// <summary>The little of the exchange's API that the desk's bot needs. It knows nothing of retries, clocks or limits.</summary>
internal sealed class FuturesClient(HttpClient http)
{
    public const string Symbol = "BTCUSDT";

    public Task BuyAsync(string id, decimal quantity, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"/fapi/v1/order?symbol={Symbol}&side=BUY&type=MARKET&quantity={Text(quantity)}&newClientOrderId={id}", cancellationToken);

    public Task ReduceAsync(string id, decimal quantity, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Post, $"/fapi/v1/order?symbol={Symbol}&side=SELL&type=MARKET&quantity={Text(quantity)}&reduceOnly=true&newClientOrderId={id}", cancellationToken);

    public Task FindAsync(string id, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"/fapi/v1/order?symbol={Symbol}&origClientOrderId={id}", cancellationToken);

    public Task GetPriceAsync(string symbol, CancellationToken cancellationToken) =>
        SendAsync(HttpMethod.Get, $"/fapi/v1/ticker/price?symbol={symbol}", cancellationToken);

    private async Task SendAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureExchangeSuccess();
    }

    private static string Text(decimal quantity) => quantity.ToString(CultureInfo.InvariantCulture);
}
