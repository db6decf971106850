using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>One process with several clients of one exchange, and one client of its testnet, all on manual time.</summary>
internal sealed class HoldsProcess : IDisposable
{
    public const string OtherKey = "other-key";

    private readonly ServiceProvider _services;
    private readonly IHttpClientFactory _factory;

    private HoldsProcess(Action<ExchangeErrorHandlingOptions>? configure, Action<SimulatedExchangeOptions>? exchange)
    {
        var options = new SimulatedExchangeOptions();
        options.ApiKeys.Add(new SimulatedApiKey(OtherKey, "other-secret", "fund"));
        exchange?.Invoke(options);
        Exchange = new SimulatedExchange(options, Time);
        Testnet = new SimulatedExchange(time: Time);

        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton(new RandomSource(new Random(1)));
        Add(services, "desk", Exchange, "https://fapi.binance.com", SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret, configure);
        Add(services, "fund", Exchange, "https://fapi.binance.com", OtherKey, "other-secret", configure);
        Add(services, "charts", Exchange, "https://fapi.binance.com", key: null, secret: null, configure);
        Add(services, "coin", Exchange, "https://dapi.binance.com", key: null, secret: null, configure);
        Add(services, "testnet", Testnet, "https://testnet.binancefuture.com", SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret, configure);
        _services = services.BuildServiceProvider();
        _factory = _services.GetRequiredService<IHttpClientFactory>();
        _services.GetRequiredService<IInDoubtOrders>().Settled += (_, settled) => Settled.Add(settled);
    }

    public ManualTimeProvider Time { get; } = new();

    public SimulatedExchange Exchange { get; }

    public SimulatedExchange Testnet { get; }

    public List<InDoubtSettledEventArgs> Settled { get; } = [];

    /// <summary>An account's client.</summary>
    public HttpClient Desk => _factory.CreateClient("desk");

    /// <summary>Another account at the same exchange.</summary>
    public HttpClient Fund => _factory.CreateClient("fund");

    /// <summary>A client without a key.</summary>
    public HttpClient Charts => _factory.CreateClient("charts");

    /// <summary>The other host of the same exchange, which shares address limits.</summary>
    public HttpClient Coin => _factory.CreateClient("coin");

    /// <summary>A client of another environment.</summary>
    public HttpClient OnTestnet => _factory.CreateClient("testnet");

    public IReadOnlyList<InDoubtOrder> InDoubt => _services.GetRequiredService<IInDoubtOrders>().List();

    /// <summary>Runs a scenario to its end, the background work it started included, as one flow that manual time waits for.</summary>
    public static async Task RunAsync(
        Func<HoldsProcess, Task> scenario, Action<ExchangeErrorHandlingOptions>? configure = null, Action<SimulatedExchangeOptions>? exchange = null)
    {
        using var process = new HoldsProcess(configure, exchange);
        await process.Time.RunAsync(() => scenario(process));
    }

    /// <summary>Every client has been used, its clock measured and its limits asked for.</summary>
    public async Task WarmUpAsync()
    {
        foreach (var client in (HttpClient[])[Desk, Fund, OnTestnet])
        {
            (await client.GetAsync(HeadlineChecks.Balance)).EnsureSuccessStatusCode().Dispose();
        }

        foreach (var client in (HttpClient[])[Charts, Coin])
        {
            (await client.GetAsync(HeadlineChecks.Price)).EnsureSuccessStatusCode().Dispose();
        }

        await PassAsync(TimeSpan.FromSeconds(12));
    }

    public Task PassAsync(TimeSpan time) => Task.Delay(time, Time);

    /// <summary>The machine's wall clock alone: the exchange's goes on as before.</summary>
    public void StepLocalClock(TimeSpan step)
    {
        Time.StepWallClock(step);
        Exchange.Clock.Step(-step);
        Testnet.Clock.Step(-step);
    }

    /// <summary>How many requests reached the exchange between two instants, the first excluded.</summary>
    public int SentBetween(TimeSpan after, TimeSpan before) => Exchange.Requests.Count(request => request.Elapsed > after && request.Elapsed < before);

    public void Dispose() => _services.Dispose();

    private static void Add(
        IServiceCollection services, string name, SimulatedExchange exchange, string address, string? key, string? secret, Action<ExchangeErrorHandlingOptions>? configure)
    {
        var builder = services.AddHttpClient(name, client => client.BaseAddress = new Uri(address))
            .AddExchangeErrorHandling(configure ?? (static _ => { }))
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        if (key is not null)
        {
            builder.AddExchangeSigning(options =>
            {
                options.ApiKey = key;
                options.Secret = secret!;
            });
        }
    }
}
