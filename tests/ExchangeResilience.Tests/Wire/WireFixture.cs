using System.Net;
using System.Net.Sockets;
using ExchangeResilience.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Wire;

/// <summary>A typed client as a user writes it.</summary>
internal sealed class FuturesClient(HttpClient http)
{
    public HttpClient Http => http;
}

/// <summary>The simulated exchange on a loopback port, and a typed client whose requests go through real sockets.</summary>
internal sealed class WireFixture : IAsyncDisposable
{
    private readonly ServiceProvider _services;

    private WireFixture(SimulatedExchange exchange, SimulatedExchangeServer server, ServiceProvider services)
    {
        Exchange = exchange;
        Server = server;
        _services = services;
        Http = services.GetRequiredService<FuturesClient>().Http;
    }

    public SimulatedExchange Exchange { get; }

    public SimulatedExchangeServer Server { get; }

    public HttpClient Http { get; }

    /// <summary>The typed client's settings as they change.</summary>
    public ClientSettingsSource Settings => _services.GetRequiredService<ClientSettingsRegistry>().For(nameof(FuturesClient));

    public static async Task<WireFixture> StartAsync(
        Action<ExchangeErrorHandlingOptions>? configure = null, TimeProvider? time = null, TimeSpan? recvWindow = null, IConfigurationSection? section = null)
    {
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions { HoldGrace = TimeSpan.FromMilliseconds(50) }, time);
        var server = await exchange.ListenAsync();
        return new WireFixture(exchange, server, Build(server.Address, configure, time, recvWindow, section));
    }

    /// <summary>A program of its own that trades at an address, on waits short enough for a test.</summary>
    public static ServiceProvider Build(
        Uri address, Action<ExchangeErrorHandlingOptions>? configure = null, TimeProvider? time = null, TimeSpan? recvWindow = null, IConfigurationSection? section = null,
        Action<IHttpClientBuilder>? inner = null)
    {
        var services = new ServiceCollection();
        if (time is not null)
        {
            services.AddSingleton(time);
        }

        var client = services.AddHttpClient<FuturesClient>(http => http.BaseAddress = address);
        _ = section is not null ? client.AddExchangeErrorHandling(section) : client.AddExchangeErrorHandling(options =>
        {
            options.Reconciliation.SettleMargin = TimeSpan.FromMilliseconds(200);
            options.Reconciliation.FirstPause = TimeSpan.FromMilliseconds(20);
            options.Reconciliation.MaxPause = TimeSpan.FromMilliseconds(100);
            options.Clock.Samples = 1;
            configure?.Invoke(options);
        });
        client.AddExchangeSigning(options =>
        {
            options.ApiKey = SimulatedExchangeOptions.DefaultApiKey;
            options.Secret = SimulatedExchangeOptions.DefaultApiSecret;
            options.RecvWindow = recvWindow ?? TimeSpan.FromMilliseconds(900);
        });
        inner?.Invoke(client);
        return services.BuildServiceProvider();
    }

    /// <summary>A port of this machine on which nobody listens.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _services.DisposeAsync();
        await Server.DisposeAsync();
    }
}
