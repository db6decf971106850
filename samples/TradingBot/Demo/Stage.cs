using ExchangeResilience.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TradingBot;

/// <summary>A simulated exchange on a port, and a bot that trades there with its own copy of the settings. Every act has a stage of its own, so that none disturbs another.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private const string Watcher = "Watcher";

    private readonly SettingsCopy _settings = new();
    private readonly ServiceProvider _services;
    private readonly SimulatedExchangeServer _server;
    private readonly IConfigurationRoot _configuration;

    private Stage(SimulatedExchange exchange, SimulatedExchangeServer server, Action<EventId, string> hear, string? journal)
    {
        Exchange = exchange;
        _server = server;
        _configuration = _settings.AddTo(new ConfigurationBuilder())
            .AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["ExchangeSigning:ApiKey"] = SimulatedExchangeOptions.DefaultApiKey,
                ["ExchangeSigning:Secret"] = SimulatedExchangeOptions.DefaultApiSecret,
            })
            .Build();
        var services = new ServiceCollection().AddExchange(_configuration, server.Address, new LibraryLog(LogLevel.Information, hear), journal);
        services.AddHttpClient(Watcher, client => client.BaseAddress = server.Address)
            .AddExchangeErrorHandling()
            .AddExchangeSigning(_configuration.GetSection("ExchangeSigning"));
        _services = services.BuildServiceProvider();
        Client = _services.GetRequiredService<FuturesClient>();
        SecondClient = new FuturesClient(_services.GetRequiredService<IHttpClientFactory>().CreateClient(Watcher));
    }

    public SimulatedExchange Exchange { get; }

    public Uri Address => _server.Address;

    public FuturesClient Client { get; }

    /// <summary>Another client of the same program, registered by itself and on the defaults.</summary>
    public FuturesClient SecondClient { get; }

    public SettingsCopy Settings => _settings;

    /// <param name="hear">Hears what the library logs.</param>
    /// <param name="journal">The bot's journal; null for none.</param>
    public static async Task<Stage> OpenAsync(Action<EventId, string> hear, string? journal = null)
    {
        // Requests that crossed a refusal on their way cannot have known of it.
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions { HoldGrace = TimeSpan.FromMilliseconds(100) });
        return new Stage(exchange, await exchange.ListenAsync(), hear, journal);
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _server.DisposeAsync();
        (_configuration as IDisposable)?.Dispose();
        _settings.Dispose();
    }
}
