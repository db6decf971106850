using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace Benchmarks.Calls;

/// <summary>
/// The primary handler of every stack: the exchange's replies, headers included, without a network. Like a transport it takes the request line from the address, and where it
/// suspends, every state machine above it goes to the heap, as over a socket.
/// </summary>
internal sealed class InMemoryExchange(bool fails, bool suspends) : HttpMessageHandler
{
    public const int ErrorCode = -1121;
    public const string ErrorBody = """{"code":-1121,"msg":"Invalid symbol."}""";

    private const int IdLength = 15;
    private const string OrderStart = "{\"orderId\":22542179,\"symbol\":\"BTCUSDT\",\"status\":\"NEW\",\"clientOrderId\":\"";
    private const string OrderEnd = "\"" + ""","price":"65021.30","avgPrice":"0.00","origQty":"0.012","executedQty":"0.000","cumQuote":"0.00","timeInForce":"GTC","type":"LIMIT","reduceOnly":false,"closePosition":false,"side":"BUY","positionSide":"BOTH","updateTime":1499827319559}""";

    private const string OrderBody =
        """{"orderId":22542179,"symbol":"BTCUSDT","status":"FILLED","clientOrderId":"xr-5XzUvL3yDNRl","price":"0.00","avgPrice":"65021.30","origQty":"0.012","executedQty":"0.012","cumQuote":"780.25","timeInForce":"GTC","type":"MARKET","reduceOnly":false,"closePosition":false,"side":"BUY","positionSide":"BOTH","time":1499827319559}""";

    private const string InfoBody = """{"timezone":"UTC","rateLimits":[{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":2400}],"symbols":[]}""";

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly byte[] _order = Encoding.UTF8.GetBytes(fails ? ErrorBody : OrderBody);
    private readonly byte[] _info = Encoding.UTF8.GetBytes(InfoBody);
    private string _date = "";
    private long _dateEnds;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (suspends)
        {
            await Task.Yield();
        }

        return Answer(request);
    }

    private HttpResponseMessage Answer(HttpRequestMessage request)
    {
        var line = request.RequestUri!.PathAndQuery;
        var isBatch = line.StartsWith(FuturesClient.BatchPath, StringComparison.Ordinal);
        return (isBatch || line.StartsWith(FuturesClient.OrderPath, StringComparison.Ordinal)) && !fails && request.Method == HttpMethod.Post ? Reply(HttpStatusCode.OK, isBatch ? Placed(line, "newClientOrderId%22%3A%22", "[", "]") : Placed(line, "newClientOrderId=", "", ""), request)
            : line.StartsWith(FuturesClient.OrderPath, StringComparison.Ordinal) ? Reply(fails ? HttpStatusCode.BadRequest : HttpStatusCode.OK, _order, request)
            : line.StartsWith("/fapi/v1/time", StringComparison.Ordinal) ? Reply(HttpStatusCode.OK, Encoding.UTF8.GetBytes($$"""{"serverTime":{{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}}}"""), request)
            : Reply(HttpStatusCode.OK, _info, request);
    }

    /// <summary>The orders placed, under the ids that the request gives them.</summary>
    private static byte[] Placed(string line, string name, string before, string after)
    {
        var reply = new StringBuilder(before);
        for (var at = line.IndexOf(name, StringComparison.Ordinal); at >= 0; at = line.IndexOf(name, at, StringComparison.Ordinal))
        {
            at += name.Length;
            reply.Append(reply.Length > before.Length ? "," : "").Append(OrderStart).Append(line, at, IdLength).Append(OrderEnd);
        }

        return Encoding.ASCII.GetBytes(reply.Append(after).ToString());
    }

    private HttpResponseMessage Reply(HttpStatusCode status, byte[] body, HttpRequestMessage request)
    {
        var response = new HttpResponseMessage(status) { Content = new ByteArrayContent(body), RequestMessage = request };
        response.Content.Headers.ContentType = Json;
        response.Headers.TryAddWithoutValidation("Date", Date());
        response.Headers.TryAddWithoutValidation("X-MBX-USED-WEIGHT-1M", "1");
        return response;
    }

    // Servers write it once a second, too.
    private string Date()
    {
        if (Environment.TickCount64 >= Volatile.Read(ref _dateEnds))
        {
            Volatile.Write(ref _date, TimeProvider.System.GetUtcNow().ToString("r"));
            Volatile.Write(ref _dateEnds, Environment.TickCount64 + 500);
        }

        return Volatile.Read(ref _date);
    }
}
