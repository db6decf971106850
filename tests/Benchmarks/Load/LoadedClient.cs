using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Retry;

namespace Benchmarks.Load;

/// <summary>A client under load, with connections of its own.</summary>
internal sealed class LoadedClient : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly HttpClient _http;
    private readonly string _path;

    private LoadedClient(string name, Uri address, string path, Action<IHttpClientBuilder> add)
    {
        Name = name;
        _path = path;
        var services = new ServiceCollection();
        var builder = services.AddHttpClient("load", client => client.BaseAddress = address).SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        add(builder);
        builder.ConfigurePrimaryHttpMessageHandler(static () => new SocketsHttpHandler { UseCookies = false });
        _services = services.BuildServiceProvider();
        _http = _services.GetRequiredService<IHttpClientFactory>().CreateClient("load");
    }

    public string Name { get; }

    /// <summary>The first is what the others are compared with.</summary>
    public static IReadOnlyList<LoadedClient> OpenAll(Uri address) =>
    [
        new("empty handler", address, "/fapi/v1/ticker/price?symbol=BTCUSDT", static builder => builder.AddHttpMessageHandler(static () => new EmptyHandler())),
        new("ExchangeResilience", address, "/fapi/v1/ticker/price?symbol=BTCUSDT", static builder => Protect(builder)),
        new("ExchangeResilience, signing", address, "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=load", static builder => Protect(builder).AddExchangeSigning(static options =>
        {
            options.ApiKey = "key";
            options.Secret = "secret";
        })),
        new("Polly retry + timeout", address, "/fapi/v1/ticker/price?symbol=BTCUSDT", static builder => builder.AddHttpMessageHandler(static () => new PollyHandler())),
    ];

    public async Task CallAsync()
    {
        using var response = await _http.GetAsync(_path);
        response.EnsureSuccessStatusCode();
    }

    public void Dispose()
    {
        _http.Dispose();
        _services.Dispose();
    }

    // The gate counts and compares as always, and its limit lies above what this machine can send.
    private static IHttpClientBuilder Protect(IHttpClientBuilder builder) => builder.AddExchangeErrorHandling(static options => options.Limits.WeightPerMinute = 10_000_000);

    private sealed class EmptyHandler : DelegatingHandler;

    /// <summary>Retry and timeout as the standard handler has them, on the same library.</summary>
    private sealed class PollyHandler : DelegatingHandler
    {
        private readonly ResiliencePipeline<HttpResponseMessage> _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = static outcome => ValueTask.FromResult(outcome.Outcome.Exception is HttpRequestException || (int?)outcome.Outcome.Result?.StatusCode is 408 or 429 or >= 500),
            })
            .AddTimeout(TimeSpan.FromSeconds(10))
            .Build();

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var context = ResilienceContextPool.Shared.Get(cancellationToken);
            try
            {
                return await _pipeline.ExecuteAsync(static async (context, state) => await state.Handler.SendInnerAsync(state.Request, context.CancellationToken), context, (Handler: this, Request: request));
            }
            finally
            {
                ResilienceContextPool.Shared.Return(context);
            }
        }

        private Task<HttpResponseMessage> SendInnerAsync(HttpRequestMessage request, CancellationToken cancellationToken) => base.SendAsync(request, cancellationToken);
    }
}
