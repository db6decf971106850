using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Tests.Handling;

/// <summary>
/// What a call allocates on top of one that passes a handler which does nothing, with gate, limits, metrics and logging on. Everything happens on the thread that counts, so that
/// nobody else's bytes are among them; of several rounds the least counts, when code is compiled and pools are filled.
/// </summary>
[Collection(nameof(Alone))]
[Trait("Speed", "Slow")]
public sealed class AllocationTests
{
    // What other tests have set on a request of theirs: a program that sets nothing pays for no look at its requests.
    static AllocationTests() => SendMark.IsUsed = RequestOverrides.AreUsed = false;

    private const double QueryAtOnce = 150;
    private const double QuerySuspended = 250;
    private const double Signature = 1_575;
    private const double OrderWithoutTrouble = 4_700;
    private const double BatchOfFive = 48_000;
    private const double Classification = 0;
    private const double FailedCall = 1024;

    private const int Calls = 20_000;

    // Each order is remembered for a while.
    private const int FewCalls = 2_000;

    // Code is compiled anew while it runs, and on a busy machine late: it counts once no round has got cheaper for so many.
    private const int RoundsWithoutGain = 15;
    private const string Host = "https://fapi.test";
    private const string Address = "/fapi/v1/order?symbol=BTCUSDT&orderId=22542179";
    private const string Order = """{"orderId":22542179,"symbol":"BTCUSDT","status":"FILLED","clientOrderId":"xr-5XzUvL3yDNRl","side":"BUY","type":"MARKET","origQty":"0.012"}""";
    private const string Placed = """{"orderId":22542179,"symbol":"BTCUSDT","status":"NEW","side":"BUY","type":"MARKET","origQty":"0.012"}""";
    private const string InvalidSymbol = """{"code":-1121,"msg":"Invalid symbol."}""";
    private const string Page = "<html><head><title>503 Service Temporarily Unavailable</title></head><body><center><h1>503 Service Temporarily Unavailable</h1></center></body></html>";

    [Fact]
    public void A_query_answered_at_once_allocates_next_to_nothing()
    {
        using var exchange = new PromptExchange(HttpStatusCode.OK, Order);
        using var passing = new PassingClient(exchange);
        using var guarded = new GuardedClient(exchange);

        var bytes = Least(() => Done(guarded.Http.GetAsync(Address)).Dispose()) - Least(() => Done(passing.Http.GetAsync(Address)).Dispose());

        bytes.ShouldBeLessThanOrEqualTo(QueryAtOnce, "bytes per call over a handler that does nothing");
    }

    [Fact]
    public void A_query_whose_reply_is_waited_for_allocates_little()
    {
        using var exchange = new PromptExchange(HttpStatusCode.OK, Order) { Suspends = true };
        using var passing = new PassingClient(exchange);
        using var guarded = new GuardedClient(exchange);

        var bytes = Least(() => Ask(guarded.Http)) - Least(() => Ask(passing.Http));

        bytes.ShouldBeLessThanOrEqualTo(QuerySuspended, "bytes per call over a handler that does nothing");

        void Ask(HttpClient http)
        {
            var reply = http.GetAsync(Address);
            reply.IsCompleted.ShouldBeFalse();
            exchange.Answer();
            Done(reply).Dispose();
        }
    }

    [Fact]
    public void A_signature_allocates_the_signed_address_and_little_more()
    {
        using var exchange = new PromptExchange(HttpStatusCode.OK, Order);
        using var unsigned = new GuardedClient(exchange);
        using var signed = new GuardedClient(exchange, signed: true);

        var bytes = Least(() => Done(signed.Http.GetAsync(Address)).Dispose()) - Least(() => Done(unsigned.Http.GetAsync(Address)).Dispose());

        bytes.ShouldBeLessThanOrEqualTo(Signature, "bytes per call over one that is not signed");
    }

    [Fact]
    public void An_order_without_trouble_allocates_its_claim_and_what_that_remembers()
    {
        using var exchange = new PromptExchange(HttpStatusCode.OK, Placed);
        using var client = new GuardedClient(exchange, signed: true);
        var orders = 0;

        var bytes = Least(Place, FewCalls) - Least(() => Done(client.Http.GetAsync(Address)).Dispose(), FewCalls);

        bytes.ShouldBeLessThanOrEqualTo(OrderWithoutTrouble, "bytes per order over a signed query");

        void Place() => Done(client.Http.PostAsync($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.012&newClientOrderId=order-{orders++:000000}", content: null)).Dispose();
    }

    [Fact]
    public void A_batch_without_trouble_allocates_what_its_orders_do_and_its_text()
    {
        using var exchange = new PromptExchange(HttpStatusCode.OK, $"[{string.Join(',', Enumerable.Repeat(Placed, 5))}]");
        using var client = new GuardedClient(exchange, signed: true);
        var orders = 0;

        var bytes = Least(Place, FewCalls) - Least(() => Done(client.Http.GetAsync(Address)).Dispose(), FewCalls);

        bytes.ShouldBeLessThanOrEqualTo(BatchOfFive, "bytes per batch of five over a signed query");

        void Place()
        {
            var items = Enumerable.Range(0, 5).Select(_ => $$"""{"symbol":"BTCUSDT","side":"BUY","type":"MARKET","quantity":"0.012","newClientOrderId":"order-{{orders++:000000}}"}""");
            Done(client.Http.PostAsync($"/fapi/v1/batchOrders?batchOrders={Uri.EscapeDataString($"[{string.Join(',', items)}]")}", content: null)).Dispose();
        }
    }

    [Theory]
    [InlineData("GET", 400, InvalidSymbol)]
    [InlineData("POST", 400, InvalidSymbol)]
    [InlineData("GET", 503, Page)]
    [InlineData("POST", 503, Page)]
    public void Classifying_an_error_allocates_nothing(string method, int status, string text)
    {
        var venue = ExchangeVenue.BinanceUsdFutures;
        var endpoint = venue.Endpoints.Find(new HttpMethod(method), "/fapi/v1/order");
        var body = Encoding.UTF8.GetBytes(text);

        var bytes = Least(() => ReplyClassifier.Classify(status, body, endpoint, venue.Errors).IsSuccess.ShouldBeFalse());

        bytes.ShouldBe(Classification, "bytes per body");
    }

    [Fact]
    public void A_failed_call_allocates_less_than_a_kilobyte_more_than_one_whose_caller_reads_the_code_himself()
    {
        using var exchange = new PromptExchange(HttpStatusCode.BadRequest, InvalidSymbol);
        using var bare = new PassingClient(exchange, handler: null);
        using var guarded = new GuardedClient(exchange);

        var bytes = Least(AskGuarded) - Least(AskBare);

        bytes.ShouldBeLessThan(FailedCall, "bytes per call over a bare one");

        void AskGuarded()
        {
            using var reply = Done(guarded.Http.GetAsync(Address));
            reply.GetExchangeError()!.Code.ShouldBe(-1121);
        }

        void AskBare()
        {
            using var reply = Done(bare.Http.GetAsync(Address));
            using var body = JsonDocument.Parse(Done(reply.Content.ReadAsByteArrayAsync()));
            body.RootElement.GetProperty("code").GetInt32().ShouldBe(-1121);
        }
    }

    /// <summary>Bytes per call, on a thread of its own: no context to be captured, nobody else's work on it.</summary>
    private static double Least(Action call, int calls = Calls)
    {
        var least = long.MaxValue;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                for (var since = 0; since < RoundsWithoutGain; since++)
                {
                    var before = GC.GetAllocatedBytesForCurrentThread();
                    for (var i = 0; i < calls; i++)
                    {
                        call();
                    }

                    var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
                    since = bytes < least ? 0 : since;
                    least = Math.Min(least, bytes);
                }
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        failure.ShouldBeNull();
        return (double)least / calls;
    }

    /// <summary>The result of what is done by now, and was done on this thread.</summary>
    private static T Done<T>(Task<T> task)
    {
        task.IsCompleted.ShouldBeTrue();
        return task.GetAwaiter().GetResult();
    }

    /// <summary>The middleware as <c>AddExchangeErrorHandling</c> makes it, with somebody listening to its log and its meter.</summary>
    private sealed class GuardedClient : IDisposable
    {
        private readonly ProtectedClient _client;
        private readonly Measured _metrics;

        public GuardedClient(HttpMessageHandler exchange, bool signed = false)
        {
            // More than is ever counted: nobody waits for a limit.
            _client = new ProtectedClient(exchange, Unlimited, signed: signed, outer: static builder => Listen(builder.Services));
            _metrics = new Measured(_client);
        }

        public HttpClient Http => _client.Http;

        private static void Unlimited(ExchangeErrorHandlingOptions options) =>
            options.Limits.WeightPerMinute = options.Limits.OrdersPer10Seconds = options.Limits.OrdersPerMinute = 10_000_000;

        public void Dispose()
        {
            _metrics.Dispose();
            _client.Dispose();
        }
    }

    /// <summary>A client of the client factory with a handler that passes everything on, or with none.</summary>
    private sealed class PassingClient : IDisposable
    {
        private readonly ServiceProvider _services;

        public PassingClient(HttpMessageHandler exchange)
            : this(exchange, static () => new PassingHandler())
        {
        }

        public PassingClient(HttpMessageHandler exchange, Func<DelegatingHandler>? handler)
        {
            var services = new ServiceCollection();
            Listen(services);
            var builder = services.AddHttpClient("passing", static client => client.BaseAddress = new Uri(Host)).ConfigurePrimaryHttpMessageHandler(() => exchange);
            if (handler is not null)
            {
                builder.AddHttpMessageHandler(handler);
            }

            _services = services.BuildServiceProvider();
            Http = _services.GetRequiredService<IHttpClientFactory>().CreateClient("passing");
        }

        public HttpClient Http { get; }

        public void Dispose()
        {
            Http.Dispose();
            _services.Dispose();
        }
    }

    private sealed class PassingHandler : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => await base.SendAsync(request, cancellationToken);
    }

    // The client factory's own four lines per request are on neither side.
    private static void Listen(IServiceCollection services) => services.AddLogging(static logging => logging.AddProvider(new Unread()).AddFilter("System.Net.Http", LogLevel.Warning));

    /// <summary>Takes every entry and makes no text of it, which is another library's work.</summary>
    private sealed class Unread : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
        }

        public void Dispose()
        {
        }
    }

    /// <summary>Gives the same reply to every question, at once or when told to. It reads the request line, as a transport does.</summary>
    private sealed class PromptExchange(HttpStatusCode status, string body) : HttpMessageHandler
    {
        private static readonly MediaTypeHeaderValue Json = new("application/json");

        private readonly byte[] _body = Encoding.UTF8.GetBytes(body);
        private readonly string _date = TimeProvider.System.GetUtcNow().ToString("r");
        private TaskCompletionSource? _answer;

        /// <summary>Whether the order is waited for; anything else is answered at once.</summary>
        public bool Suspends { get; init; }

        private static byte[] Time() => Encoding.UTF8.GetBytes($$"""{"serverTime":{{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}}}""");

        /// <summary>Gives the reply that is waited for, and whatever awaits it runs on this thread.</summary>
        public void Answer() => _answer!.SetResult();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var isAsked = request.RequestUri!.PathAndQuery.StartsWith("/fapi/v1/order", StringComparison.Ordinal);
            if (Suspends && isAsked)
            {
                // Continuations run where it is completed, so that their bytes are counted.
                _answer = new TaskCompletionSource();
                await _answer.Task.ConfigureAwait(false);
            }

            var asksTime = request.RequestUri.AbsolutePath == "/fapi/v1/time";
            var response = new HttpResponseMessage(isAsked ? status : HttpStatusCode.OK) { Content = new ByteArrayContent(asksTime ? Time() : _body), RequestMessage = request };
            response.Content.Headers.ContentType = Json;
            response.Headers.TryAddWithoutValidation("Date", _date);
            response.Headers.TryAddWithoutValidation("X-MBX-USED-WEIGHT-1M", "1");
            return response;
        }
    }
}
