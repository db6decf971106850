using System.Net;
using System.Text;

namespace Benchmarks.Fleet;

/// <summary>An exchange that fills every order a moment later, in this process.</summary>
internal sealed class OrderExchange : HttpMessageHandler
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(5);
    private int _orders;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await Task.Delay(RoundTrip, TimeProvider.System, cancellationToken);
        var body = request.Method == HttpMethod.Post
            ? $$"""{"orderId":{{Interlocked.Increment(ref _orders)}},"symbol":"BTCUSDT","status":"FILLED","clientOrderId":"{{IdOf(request.RequestUri!)}}","origQty":"0.001","executedQty":"0.001","side":"BUY","type":"MARKET"}"""
            : $$"""{"serverTime":{{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}},"rateLimits":[]}""";
        var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json"), RequestMessage = request };
        response.Headers.Date = TimeProvider.System.GetUtcNow();
        return response;
    }

    private static string IdOf(Uri address) => address.Query.Split('&', '?').First(static part => part.StartsWith("newClientOrderId=", StringComparison.Ordinal))["newClientOrderId=".Length..];
}
