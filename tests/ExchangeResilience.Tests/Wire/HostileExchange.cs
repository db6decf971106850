using System.Globalization;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using static ExchangeResilience.Tests.EndToEnd.HeadlineChecks;

namespace ExchangeResilience.Tests.Wire;

/// <summary>
/// An exchange of bare sockets that answers questions about time, limits and orders truthfully, and one request of the caller's with whatever a test wants.
/// What the caller got is told in words: the status or exception, the error's name, and what is known about the execution.
/// </summary>
internal sealed class HostileExchange : IAsyncDisposable
{
    private const string OrderId = "hostile";

    private readonly Func<RawAnswer> _answer;
    private readonly bool _executes;
    private readonly Func<int, string> _time;
    private readonly TaskCompletionSource _warm = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ServiceProvider _services;
    private int _timesAsked;
    private int _housekeeping;
    private long? _executedAtMs;

    /// <param name="answer">The answer to each order and to each question about the balance.</param>
    /// <param name="executes">Whether an order that arrives whole is executed.</param>
    /// <param name="configure">What the client's settings are beyond short waits.</param>
    /// <param name="primary">The handler next to the wire.</param>
    /// <param name="time">The body of the reply to the question for the time, by how often that was asked before.</param>
    /// <param name="http2">Serves what comes by HTTP/2. It may call <see cref="Execute"/>.</param>
    /// <param name="inner">What else is registered for the client.</param>
    public HostileExchange(
        Func<RawAnswer> answer, bool executes = false, Action<ExchangeErrorHandlingOptions>? configure = null, HttpMessageHandler? primary = null, Func<int, string>? time = null,
        Func<Stream, Task>? http2 = null, Action<IHttpClientBuilder>? inner = null)
    {
        _answer = answer;
        _executes = executes;
        _time = time ?? (static _ => $"{{\"serverTime\":{Now}}}");
        Server = new RawServer(Answer) { Http2 = http2 };
        _services = WireFixture.Build(
            Server.Address,
            options =>
            {
                options.TotalTimeout = TimeSpan.FromSeconds(20);
                options.Reconciliation.SettleMargin = TimeSpan.Zero;
                options.Reconciliation.FirstPause = TimeSpan.FromMilliseconds(5);
                options.Reconciliation.MaxPause = TimeSpan.FromMilliseconds(50);
                options.Policies["Transport"] = new ErrorPolicy { MaxAttempts = 2, BaseDelay = TimeSpan.FromMilliseconds(1) };
                options.Policies["Indeterminate"] = new ErrorPolicy { MaxAttempts = 2, BaseDelay = TimeSpan.FromMilliseconds(1) };

                configure?.Invoke(options);
            },
            recvWindow: TimeSpan.FromMilliseconds(200),
            inner: client =>
            {
                client.ConfigurePrimaryHttpMessageHandler(() => primary ?? new SocketsHttpHandler());
                inner?.Invoke(client);
            });
        Http = _services.GetRequiredService<FuturesClient>().Http;
    }

    public RawServer Server { get; }

    public HttpClient Http { get; }

    public IInDoubtOrders InDoubt => _services.GetRequiredService<IInDoubtOrders>();

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    public static string TargetOf(string method) => method == "POST" ? SimulatedFixture.Market(OrderId) : Balance;

    /// <summary>How often the exchange was sent what the caller sent.</summary>
    public int SeenOf(string method) => Server.HeadsOf(method == "POST" ? PlaceOrder : AskBalance).Count;

    /// <summary>The order is executed, now if it was not before.</summary>
    public void Execute() => _executedAtMs ??= Now;

    /// <summary>Everything that is asked once, clock and limits, is asked and answered.</summary>
    public async Task WarmUpAsync()
    {
        (await Http.GetAsync("/fapi/v2/balance")).Dispose();
        await _warm.Task.WaitAsync(TimeSpan.FromSeconds(20));
        (await Http.GetAsync("/fapi/v1/ping")).Dispose();
    }

    public Task<string> TellAsync(string method, HttpContent? content = null) => TellAsync(() => method == "POST" ? Http.PostAsync(TargetOf(method), content) : Http.GetAsync(TargetOf(method)));

    public static async Task<string> TellAsync(Func<Task<HttpResponseMessage>> send)
    {
        try
        {
            using var response = await send();
            var status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            return (response.GetExchangeError(), response.GetRecoveryReport()) switch
            {
                ({ } error, _) => $"{status} {error.Name} {error.Execution}",
                (_, { Evidence: not null }) => $"{status} by evidence",
                (_, { Attempts: > 1 }) => $"{status} at last",
                _ => status,
            };
        }
        catch (ExchangeErrorException thrown)
        {
            return $"throws {thrown.Error.Name} {thrown.Error.Execution}";
        }
        catch (HttpRequestException thrown)
        {
            return $"throws HttpRequestException {thrown.HttpRequestError}";
        }
        catch (InvalidDataException)
        {
            return "throws InvalidDataException";
        }
        catch (TaskCanceledException thrown) when (thrown.InnerException is TimeoutException)
        {
            return "throws TaskCanceledException of HttpClient.Timeout";
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _services.DisposeAsync();
        await Server.DisposeAsync();
    }

    // The clock, its refinement, and the limits.
    private void NoteHousekeeping()
    {
        if (Interlocked.Increment(ref _housekeeping) == 3)
        {
            _warm.SetResult();
        }
    }

    private RawAnswer Answer(string line)
    {
        if (IsAt(AskTime))
        {
            NoteHousekeeping();
            return RawAnswer.Json(200, _time(Interlocked.Increment(ref _timesAsked) - 1));
        }

        if (IsAt("GET /fapi/v1/exchangeInfo"))
        {
            NoteHousekeeping();
            return RawAnswer.Json(200, """{"rateLimits":[]}""");
        }

        if (IsAt("GET /fapi/v1/ping") || IsAt("GET /fapi/v2/balance"))
        {
            return RawAnswer.Json(200, "{}");
        }

        if (IsAt(AskOrder))
        {
            return _executedAtMs is { } at
                ? RawAnswer.Json(200, $$"""{"orderId":1,"symbol":"BTCUSDT","clientOrderId":"{{OrderId}}","status":"FILLED","side":"BUY","type":"MARKET","origQty":"0.001","time":{{at}}}""")
                : RawAnswer.Json(400, """{"code":-2013,"msg":"Order does not exist."}""");
        }

        if (IsAt("GET /fapi/v1/allOrders"))
        {
            return RawAnswer.Json(200, "[]");
        }

        if (IsAt(PlaceOrder) && _executes)
        {
            Execute();
        }

        return _answer();

        bool IsAt(string endpoint) => line.StartsWith(endpoint + " ", StringComparison.Ordinal) || line.StartsWith(endpoint + "?", StringComparison.Ordinal);
    }
}
