using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Handling;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>
/// One call of a client, from end to end on manual time. The input is what the exchange answers, reply after reply; once it is used up the exchange answers truly, that
/// there is no such order.
/// </summary>
internal sealed class ClientTarget : FuzzTarget<ClientTarget.Outcome>
{
    private const char Separator = '\x1E';
    private const string Order = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1000&price=50000&timeInForce=GTC&newClientOrderId=my-order-1";

    // TotalTimeout and an attempt begun within it.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(45);
    private const int MostRequests = 150;

    private static readonly (HttpMethod Method, string Address)[] Calls =
    [
        (HttpMethod.Post, $"/fapi/v1/order?{Order}"),
        (HttpMethod.Post, $"/fapi/v1/order?{Order}"),
        (HttpMethod.Get, "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=my-order-1"),
        (HttpMethod.Put, $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&quantity=1000&price=50000&origClientOrderId=my-order-1"),
        (HttpMethod.Delete, "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=my-order-1"),
        (HttpMethod.Post, "/fapi/v1/batchOrders?batchOrders=%5B%7B%22symbol%22%3A%22BTCUSDT%22%2C%22side%22%3A%22BUY%22%2C%22type%22%3A%22MARKET%22%2C%22quantity%22%3A%221%22%2C%22newClientOrderId%22%3A%22my-order-1%22%7D%2C%7B%22symbol%22%3A%22BTCUSDT%22%2C%22side%22%3A%22BUY%22%2C%22type%22%3A%22MARKET%22%2C%22quantity%22%3A%222%22%2C%22newClientOrderId%22%3A%22my-order-2%22%7D%5D"),
        (HttpMethod.Post, "/fapi/v1/positionMargin?symbol=BTCUSDT&type=1&amount=1000"),
        (HttpMethod.Delete, "/fapi/v1/allOpenOrders?symbol=BTCUSDT"),
        (HttpMethod.Post, "/fapi/v1/listenKey"),
        (HttpMethod.Get, "/fapi/v1/exchangeInfo"),
    ];

    public override string Name => "client";

    public override int Inputs => 2_500;

    public override int SelectorBytes => 2;

    public override IReadOnlyList<byte[]> Seeds { get; } = [.. Scripts().SelectMany(script => Enumerable.Range(0, Calls.Length).Select(call => (byte[])[(byte)call, 0, .. Bytes(script)]))];

    public override IReadOnlyList<string> Words => ["\x1E", "200\n\n", "503\n\n", "400\n\n", "418\nRetry-After: 5\n\n", "Content-Type: text/html\n", "Retry-After: 999999999\n", "Date: Fri, 31 Dec 9999 23:59:59 GMT\n", "X-MBX-USED-WEIGHT-1M: 99999\n"];

    public override IReadOnlyList<string> Milestones => ["a reply", "executed", "not executed", "unknown", "sent again"];

    // The work is done on the threads of the pool, and a client is made for each input.
    public override (long Base, long PerByte) Allocation => (long.MaxValue, 0);

    protected override Outcome Act(byte[] input) => ActAsync(input).GetAwaiter().GetResult();

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        var (method, address) = CallOf(input);
        var path = address.Split('?')[0];
        var sent = outcome.Served.Where(request => request.Method == method && request.Path == path).ToList();
        Reach(outcome.Error is null ? "a reply" : outcome.Error.Execution switch { ExecutionStatus.NotExecuted => "not executed", ExecutionStatus.Executed => "executed", _ => "unknown" });
        if (outcome.Elapsed > Longest)
        {
            return "a call that outlasts its time";
        }

        if (outcome.Served.Count > MostRequests)
        {
            return "a call that asks without end";
        }

        if (outcome.Error is { } error && Messages.Fault(error.Message) is { } fault)
        {
            return fault;
        }

        var row = ExchangeVenue.BinanceUsdFutures.Endpoints.Find(method, path);
        if (sent.Count > 1)
        {
            Reach("sent again");
        }

        // Absolute settings, single cancels, and a cancel-all with no order placed since may be repeated whatever became of them.
        if (row.Kind is OperationKind.Place or OperationKind.Amend or OperationKind.Additive && sent.SkipLast(1).FirstOrDefault(attempt => !ProvesRefusal(attempt, row)) is { } open)
        {
            return $"sent again while it may have taken effect ({row.Method} {row.Path}, after {open.Status})";
        }

        if (row.Kind is OperationKind.Place && !row.IsBatch && outcome.Error is null)
        {
            Reach("executed");
            return sent.Exists(attempt => ReplyOracle.MaySucceed(attempt.Status, attempt.Body, row)) || outcome.Served.Any(ShowsOrder) ? null : "an order executed that no reply shows";
        }

        return null;
    }

    private static bool ProvesRefusal(Served attempt, ExchangeEndpoint row)
    {
        if (!row.IsBatch)
        {
            return ReplyOracle.MayHaveFailed(attempt.Status, attempt.Body);
        }

        // Of a batch, what was refused item by item may be sent again; the items are judged by the target of batch replies.
        using var document = Wire.Parse(attempt.Body);
        return document?.RootElement.ValueKind == JsonValueKind.Array || ReplyOracle.MayHaveFailed(attempt.Status, attempt.Body);
    }

    private static bool ShowsOrder(Served request)
    {
        using var document = request.Method == HttpMethod.Get && request.Status is >= 200 and < 300 ? Wire.Parse(request.Body, unique: true) : null;
        return document is not null
            && (document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray()] : new List<JsonElement> { document.RootElement }).Exists(order => Claimed.MayBe(order, checkTime: false));
    }

    private static (HttpMethod Method, string Address) CallOf(byte[] input) => Calls[Choice(input, 0) % Calls.Length];

    private async Task<Outcome> ActAsync(byte[] input)
    {
        var time = new ManualTimeProvider();
        using var exchange = new Script(Content(input), time);
        // The factory keeps a handler for two minutes of real time, in which thousands of clients are made.
        using var client = new ProtectedClient(exchange, options => options.ThrowOnError = (Choice(input, 1) & 1) == 1, time, outer: static http => http.SetHandlerLifetime(Timeout.InfiniteTimeSpan));
        var (method, address) = CallOf(input);
        try
        {
            return await time.RunAsync(async () =>
            {
                using var request = new HttpRequestMessage(method, address);
                try
                {
                    using var response = await client.Http.SendAsync(request);
                    var items = response.GetExchangeErrors();
                    return new Outcome(response.GetExchangeError() ?? items.FirstOrDefault(item => item is not null), time.Elapsed, exchange.Served);
                }
                catch (ExchangeErrorException failure)
                {
                    return new Outcome(failure.Error, time.Elapsed, exchange.Served);
                }
            });
        }
        finally
        {
            exchange.End();
        }
    }

    private static IEnumerable<string> Scripts()
    {
        var placed = Corpus.Lines("orders.txt")[0];
        var time = "200\nDate: Thu, 01 Jan 2026 00:00:00 GMT\n\n{\"serverTime\":1767225600000}";
        string[] firsts =
        [
            $"200\n\n{placed}",
            "503\n\n{\"code\":-1000,\"msg\":\"Unknown error, please check your request or try again later.\"}",
            "503\n\n{\"msg\":\"Service Unavailable.\"}",
            "408\n\n{\"code\":-1007,\"msg\":\"Timeout waiting for response from backend server. Send status unknown; execution status unknown.\"}",
            "400\n\n{\"code\":-1021,\"msg\":\"Timestamp for this request is outside of the recvWindow.\"}",
            "429\nRetry-After: 2\nDate: Thu, 01 Jan 2026 00:00:00 GMT\nX-MBX-USED-WEIGHT-1M: 2401\n\n{\"code\":-1003,\"msg\":\"Too many requests.\"}",
            "418\nRetry-After: 2\n\n{\"code\":-1003,\"msg\":\"Way too many requests; IP(1.2.3.4) banned until 1767225602000.\"}",
            "503\n\n{\"code\":-1008,\"msg\":\"Request throttled by system-level protection.\"}",
            "500\n\n{\"code\":-1001,\"msg\":\"Internal error; unable to process your request. Please try again.\"}",
            "400\n\n{\"code\":-2019,\"msg\":\"Margin is insufficient.\"}",
            "502\nContent-Type: text/html\n\n<html><title>502 Bad Gateway</title></html>",
            "200\n\n[{\"orderId\":1,\"clientOrderId\":\"my-order-1\"},{\"code\":-1001,\"msg\":\"Internal error.\"}]",
        ];
        string[] thens =
        [
            $"200\n\n{placed}",
            "400\n\n{\"code\":-2013,\"msg\":\"Order does not exist.\"}",
            $"200\n\n[{placed}]",
        ];
        return from first in firsts from then in thens select string.Join(Separator, time, first, then, time, then);
    }

    internal sealed record Served(HttpMethod Method, string Path, int Status, byte[] Body);

    internal sealed record Outcome(ExchangeError? Error, TimeSpan Elapsed, IReadOnlyList<Served> Served)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Error} after {Elapsed}: {string.Join(", ", Served.Select(request => $"{request.Method} {request.Path} -> {request.Status}"))}");
    }

    /// <summary>Answers with the input's replies, each "status, headers, blank line, body", whatever is asked. A time is asked for on the way and answered truly every other time.</summary>
    private sealed class Script(byte[] text, ManualTimeProvider time) : HttpMessageHandler
    {
        private readonly Lock _lock = new();
        private readonly Queue<string> _replies = new(Encoding.Latin1.GetString(text).Split(Separator));
        private readonly List<Served> _served = [];
        private bool _isOver;

        public IReadOnlyList<Served> Served
        {
            get { lock (_lock) { return [.. _served]; } }
        }

        /// <summary>What still goes on behind a call that has ended must not go on for ever.</summary>
        public void End()
        {
            lock (_lock)
            {
                _isOver = true;
            }
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (_lock)
            {
                if (_isOver)
                {
                    throw new HttpRequestException("The exchange has gone.");
                }

                var path = request.RequestUri!.AbsolutePath;
                var (status, headers, body) = _replies.TryDequeue(out var reply) ? Parse(reply) : Truth(path);
                var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new ByteArrayContent(body), RequestMessage = request };
                foreach (var line in headers)
                {
                    if (line.Split(": ", 2) is [{ Length: > 0 } name, var value] && !response.Headers.TryAddWithoutValidation(name, value))
                    {
                        response.Content.Headers.TryAddWithoutValidation(name, value);
                    }
                }

                _served.Add(new Served(request.Method, path, status, body));
                return Task.FromResult(response);
            }
        }

        private static (int Status, string[] Headers, byte[] Body) Parse(string reply)
        {
            var (head, body) = reply.Split("\n\n", 2) is [var first, var second] ? (first, second) : (reply, "");
            var lines = head.Split('\n');
            var status = int.TryParse(lines[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 200 and <= 999 ? number : 200;
            return (status, lines[1..], Encoding.Latin1.GetBytes(body));
        }

        private (int Status, string[] Headers, byte[] Body) Truth(string path) => path == "/fapi/v1/time"
            ? (200, [], Bytes($"{{\"serverTime\":{time.GetUtcNow().ToUnixTimeMilliseconds()}}}"))
            : path is "/fapi/v1/allOrders" or "/fapi/v1/orderAmendment" or "/fapi/v1/positionMargin/history" ? (200, [], Bytes("[]"))
            : (400, [], Bytes("{\"code\":-2013,\"msg\":\"Order does not exist.\"}"));
    }
}
