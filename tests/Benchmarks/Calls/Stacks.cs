using System.Diagnostics.Metrics;
using System.Text.Json;
using ExchangeResilience;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Benchmarks.Calls;

/// <summary>What can stand between an application and the exchange. Each is built as its own documentation says, over the same primary handler.</summary>
internal static class Stacks
{
    public const string Bare = "HttpClient";
    public const string Empty = "+ empty DelegatingHandler";
    public const string Polly = "+ Polly retry and timeout";

    private static readonly Dictionary<string, Func<InMemoryExchange, IStack>> Builders = new(StringComparer.Ordinal)
    {
        [Bare] = exchange => new FactoryStack(exchange, static _ => { }),
        [Empty] = exchange => new FactoryStack(exchange, static client => client.AddHttpMessageHandler(static () => new EmptyHandler())),
        ["+ ExchangeResilience"] = exchange => Protected(exchange, signed: false),
        ["+ ExchangeResilience, signing"] = exchange => Protected(exchange, signed: true),
        [Polly] = exchange => new FactoryStack(exchange, static client => client.AddHttpMessageHandler(static () => new PollyHandler())),
        ["AWSSDK.Core"] = exchange => new AwsStack(exchange),
        ["Azure.Core"] = exchange => new AzureStack(exchange),
    };

    public static IEnumerable<string> Names => Builders.Keys;

    public static IStack Build(string name, InMemoryExchange exchange) => Builders[name](exchange);

    /// <summary>Everything on: gate, limits, metrics, logging.</summary>
    public static FactoryStack Protected(InMemoryExchange exchange, bool signed) => new(exchange, client =>
    {
        // More than is ever counted: what is measured is the counting, not the waiting.
        client.AddExchangeErrorHandling(static options => options.Limits.WeightPerMinute = 10_000_000);
        if (signed)
        {
            client.AddExchangeSigning(static options =>
            {
                options.ApiKey = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
                options.Secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";
            });
        }
    }, static response => Task.FromResult(response.GetExchangeError()!.Code));
}

/// <summary>Something that can ask for an order.</summary>
internal interface IStack : IDisposable
{
    /// <summary>0, or the code of the error as the application gets to know it.</summary>
    Task<int> GetOrderAsync();
}

/// <summary>A typed client of the client factory, with logging and metrics listened to.</summary>
internal sealed class FactoryStack : IStack
{
    private readonly ServiceProvider _services;
    private readonly MeterListener _metrics = new();
    private readonly FuturesClient _client;
    private readonly Func<HttpResponseMessage, Task<int>> _codeOf;

    public FactoryStack(InMemoryExchange exchange, Action<IHttpClientBuilder> configure, Func<HttpResponseMessage, Task<int>>? codeOf = null)
    {
        var services = new ServiceCollection();

        // The client factory's four lines per request would cost every stack several times what is to be measured.
        services.AddLogging(static logging => logging.AddProvider(new DiscardedLog()).AddFilter("System.Net.Http", LogLevel.Warning));
        var client = services.AddHttpClient<FuturesClient>(static http => http.BaseAddress = new Uri(FuturesClient.Host));
        configure(client);
        client.ConfigurePrimaryHttpMessageHandler(() => exchange);
        _services = services.BuildServiceProvider();
        _metrics.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == ExchangeMetrics.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _metrics.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
        _metrics.Start();
        _client = _services.GetRequiredService<FuturesClient>();
        _codeOf = codeOf ?? ReadCodeAsync;
    }

    public IServiceProvider Services => _services;

    public Task<int> GetOrderAsync() => _client.GetOrderAsync(_codeOf);

    public void Dispose()
    {
        _metrics.Dispose();
        _services.Dispose();
    }

    // What an application does for itself where nobody does it for it.
    private static async Task<int> ReadCodeAsync(HttpResponseMessage response)
    {
        using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return body.RootElement.GetProperty("code").GetInt32();
    }
}
