using Benchmarks.Calls;
using Microsoft.Extensions.DependencyInjection;

namespace Benchmarks.Load;

/// <summary>A client under load, with connections of its own.</summary>
internal sealed class LoadedClient : IDisposable
{
    private const string Price = "/fapi/v1/ticker/price?symbol=BTCUSDT";
    private const string Order = "/fapi/v1/order?symbol=BTCUSDT&origClientOrderId=load";

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

    /// <summary>Whether its requests are signed, and compared with those that are signed by hand.</summary>
    public bool IsSigned { get; private init; }

    /// <summary>The first of each kind is what the others of that kind are compared with.</summary>
    public static IReadOnlyList<LoadedClient> OpenAll(Uri address) =>
    [
        new("empty handler", address, Price, static builder => builder.AddHttpMessageHandler(static () => new EmptyHandler())),
        new("ExchangeResilience", address, Price, static builder => builder.AddExchangeErrorHandling(Stacks.Unlimited)),
        new("Polly retry and timeout", address, Price, static builder => builder.AddHttpMessageHandler(static () => new PollyHandler())),
        new("AddStandardResilienceHandler", address, Price, static builder => builder.AddStandardResilienceHandler()),
        new("hand-written signing", address, Order, static builder => Stacks.AddSigner(builder)) { IsSigned = true },
        new("ExchangeResilience, signing", address, Order, static builder => builder.AddExchangeErrorHandling(Stacks.Unlimited).AddExchangeSigning(Stacks.Key)) { IsSigned = true },
        new("Polly, hand-written signing", address, Order, static builder => Stacks.AddSigner(builder.AddHttpMessageHandler(static () => new PollyHandler()))) { IsSigned = true },
        new("AddStandardResilienceHandler, hand-written signing", address, Order, static builder =>
        {
            builder.AddStandardResilienceHandler();
            Stacks.AddSigner(builder);
        }) { IsSigned = true },
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
}
