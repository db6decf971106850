using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;

namespace ExchangeResilience.WireMock.Tests;

/// <summary>A server that replies as it is told and knows nothing of exchanges, but for the time; and a program that trades there, with waits short enough for a test.</summary>
internal sealed class StubbedExchange : IAsyncDisposable
{
    public const string Secret = "stub-secret";

    private readonly WireMockServer _server = WireMockServer.Start();
    private readonly ServiceProvider _services;

    public StubbedExchange(IConfigurationSection? settings = null)
    {
        _server.Given(Request.Create().WithPath("/fapi/v1/time").UsingGet()).RespondWith(Response.Create().WithBody(_ => $$"""{"serverTime":{{Now.ToUnixTimeMilliseconds()}}}"""));

        var services = new ServiceCollection();
        var client = services.AddHttpClient<FuturesClient>(http => http.BaseAddress = new Uri(_server.Url!));
        _ = settings is not null ? client.AddExchangeErrorHandling(settings) : client.AddExchangeErrorHandling(static options =>
        {
            options.Clock.Samples = 1;
            options.Reconciliation.FirstPause = TimeSpan.FromMilliseconds(20);
            options.Reconciliation.MaxPause = TimeSpan.FromMilliseconds(100);
            options.Reconciliation.SettleMargin = TimeSpan.FromMilliseconds(200);
        });
        client.AddExchangeSigning(static keys => (keys.ApiKey, keys.Secret, keys.RecvWindow) = ("stub-key", Secret, TimeSpan.FromMilliseconds(900)));
        _services = services.BuildServiceProvider();
        Client = _services.GetRequiredService<FuturesClient>();
    }

    public FuturesClient Client { get; }

    public HttpClient Http => Client.Http;

    /// <summary>How far the server's clock is ahead of this machine's.</summary>
    public TimeSpan Ahead { get; set; }

    public DateTimeOffset Now => TimeProvider.System.GetUtcNow() + Ahead;

    /// <summary>An order as the exchange shows it, created just now.</summary>
    public string Order(string id) => $$"""
        {"orderId":1,"symbol":"BTCUSDT","status":"FILLED","clientOrderId":"{{id}}","price":"0","avgPrice":"50000","origQty":"0.001","executedQty":"0.001","cumQuote":"50","timeInForce":"GTC","type":"MARKET","origType":"MARKET","side":"BUY","positionSide":"BOTH","reduceOnly":false,"closePosition":false,"stopPrice":"0","time":{{Now.ToUnixTimeMilliseconds()}},"updateTime":{{Now.ToUnixTimeMilliseconds()}}}
        """;

    /// <summary>The next requests get these replies, one after another, and all that follow the last of them. Each is written as it is sent.</summary>
    public void Reply(HttpMethod method, string path, params Func<Stub>[] replies)
    {
        for (var step = 0; step < replies.Length; step++)
        {
            var stub = _server.Given(Request.Create().WithPath(path).UsingMethod(method.Method));
            if (replies.Length > 1)
            {
                stub = stub.InScenario($"{method} {path}");
                stub = step > 0 ? stub.WhenStateIs(step) : stub;
                stub = step < replies.Length - 1 ? stub.WillSetStateTo(step + 1) : stub;
            }

            stub.RespondWith(Written(replies[step]));
        }
    }

    /// <summary>The requests that came for a path, oldest first.</summary>
    public IReadOnlyList<Received> Seen(HttpMethod method, string path) =>
    [
        .. _server.LogEntries.Where(entry => entry.RequestMessage?.Method == method.Method && entry.RequestMessage.Path == path).Select(Received.Of).OrderBy(static request => request.At),
    ];

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _services.DisposeAsync();
        _server.Dispose();
    }

    private static IResponseBuilder Written(Func<Stub> reply)
    {
        var head = reply();
        var response = Response.Create()
            .WithStatusCode(head.Status)
            .WithHeader("Content-Type", "application/json")
            .WithHeader("X-MBX-USED-WEIGHT-1M", "20") // Without it, who is told to wait a second must expect that the minute's weight is spent, and waits it out.
            .WithBody(_ => reply().Body);
        return head.RetryAfter is { } wait ? response.WithHeader("Retry-After", wait) : response;
    }
}
