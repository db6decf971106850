namespace Benchmarks.Calls;

/// <summary>A typed client as an application has one: a fresh request each time, its address relative, its reply buffered.</summary>
/// <param name="http">From the client factory.</param>
internal sealed class FuturesClient(HttpClient http)
{
    public const string Host = "https://fapi.binance.com";
    public const string OrderPath = "/fapi/v1/order";
    public const string OrderQuery = "symbol=BTCUSDT&orderId=22542179";
    public const string BatchPath = "/fapi/v1/batchOrders";

    /// <summary>One order's state.</summary>
    /// <param name="codeOf">How the application learns the code of an error.</param>
    /// <returns>0, or the exchange's code.</returns>
    public Task<int> GetOrderAsync(Func<HttpResponseMessage, Task<int>> codeOf) => SendAsync(new HttpRequestMessage(HttpMethod.Get, $"{OrderPath}?{OrderQuery}"), codeOf);

    /// <summary>Any request.</summary>
    /// <param name="message">Disposed of here.</param>
    /// <param name="codeOf">How the application learns the code of an error.</param>
    /// <returns>0, or the exchange's code.</returns>
    public async Task<int> SendAsync(HttpRequestMessage message, Func<HttpResponseMessage, Task<int>> codeOf)
    {
        using var request = message;
        using var response = await http.SendAsync(request);
        return response.IsSuccessStatusCode ? 0 : await codeOf(response);
    }
}
