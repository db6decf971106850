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
    public const string Ours = "+ ExchangeResilience";
    public const string Signing = "+ ExchangeResilience, signing";
    public const string Polly = "+ Polly retry and timeout";
    public const string Standard = "+ AddStandardResilienceHandler";
    public const string ByHand = "hand-written signing handler";
    public const string ByHandPolly = "+ Polly, hand-written signing";
    public const string ByHandStandard = "+ AddStandardResilienceHandler, hand-written signing";
    public const string Aws = "AWSSDK.Core";
    public const string Azure = "Azure.Core";

    private const string ApiKey = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A";
    private const string Secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

    private static readonly Dictionary<string, Func<InMemoryExchange, Work, IStack>> Builders = new(StringComparer.Ordinal)
    {
        [Bare] = static (exchange, work) => new FactoryStack(exchange, work, static _ => { }),
        [Empty] = static (exchange, work) => new FactoryStack(exchange, work, static client => client.AddHttpMessageHandler(static () => new EmptyHandler())),
        [Ours] = static (exchange, work) => Protected(exchange, work, signed: false),
        [Signing] = static (exchange, work) => Protected(exchange, work, signed: true),
        [Polly] = static (exchange, work) => new FactoryStack(exchange, work, static client => client.AddHttpMessageHandler(static () => new PollyHandler())),
        [Standard] = static (exchange, work) => new FactoryStack(exchange, work, static client => client.AddStandardResilienceHandler()),
        [ByHand] = static (exchange, work) => new FactoryStack(exchange, work, AddSigner),
        [ByHandPolly] = static (exchange, work) => new FactoryStack(exchange, work, static client => AddSigner(client.AddHttpMessageHandler(static () => new PollyHandler()))),
        [ByHandStandard] = static (exchange, work) => new FactoryStack(exchange, work, static client =>
        {
            client.AddStandardResilienceHandler();
            AddSigner(client);
        }),
        [Aws] = static (exchange, _) => new AwsStack(exchange),
        [Azure] = static (exchange, _) => new AzureStack(exchange),
    };

    public static IStack Build(string name, InMemoryExchange exchange, Work work) => Builders[name](exchange, work);

    /// <summary>Everything on: gate, limits, metrics, logging.</summary>
    public static FactoryStack Protected(InMemoryExchange exchange, Work work, bool signed) => new(exchange, work, client =>
    {
        // More than is ever counted: what is measured is the counting, not the waiting.
        client.AddExchangeErrorHandling(Unlimited);
        if (signed)
        {
            client.AddExchangeSigning(Key);
        }
    }, static response => Task.FromResult(response.GetExchangeError()!.Code));

    /// <summary>The same with a journal, which an order waits for.</summary>
    public static FactoryStack Journaled(InMemoryExchange exchange, Work work, string file) => new(exchange, work, client =>
    {
        client.Services.AddSqliteOrderJournal(file);
        client.AddExchangeErrorHandling(static options =>
        {
            Unlimited(options);
            options.Account = "bench";
        }).AddExchangeSigning(Key);
    }, static response => Task.FromResult(response.GetExchangeError()!.Code));

    public static void AddSigner(IHttpClientBuilder client) => client.AddHttpMessageHandler(static () => new SigningByHand(ApiKey, Secret));

    public static void Key(ExchangeSigningOptions options)
    {
        options.ApiKey = ApiKey;
        options.Secret = Secret;
    }

    public static void Unlimited(ExchangeErrorHandlingOptions options)
    {
        options.Limits.WeightPerMinute = 10_000_000;
        options.Limits.OrdersPer10Seconds = 10_000_000;
        options.Limits.OrdersPerMinute = 10_000_000;
    }
}

/// <summary>Something that can do an application's work.</summary>
internal interface IStack : IDisposable
{
    /// <summary>0, or the code of the error as the application gets to know it.</summary>
    Task<int> CallAsync();
}

/// <summary>A typed client of the client factory, with logging and metrics listened to.</summary>
internal sealed class FactoryStack : IStack
{
    private readonly ServiceProvider _services;
    private readonly MeterListener _metrics = new();
    private readonly FuturesClient _client;
    private readonly Work _work;
    private long _calls;
    private readonly Func<HttpResponseMessage, Task<int>> _codeOf;

    public FactoryStack(InMemoryExchange exchange, Work work, Action<IHttpClientBuilder> configure, Func<HttpResponseMessage, Task<int>>? codeOf = null)
    {
        _work = work;
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

    public Task<int> CallAsync() => _client.SendAsync(_work.Request(Interlocked.Increment(ref _calls)), _codeOf);

    public void Dispose()
    {
        _metrics.Dispose();
        _services.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }

    // What an application does for itself where nobody does it for it.
    private static async Task<int> ReadCodeAsync(HttpResponseMessage response)
    {
        using var body = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync());
        return body.RootElement.GetProperty("code").GetInt32();
    }
}
