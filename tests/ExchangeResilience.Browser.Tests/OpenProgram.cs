using ExchangeResilience.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Browser.Tests;

/// <summary>A program whose dashboard has no policy and may be read on this machine by name; its client has no key, unless it keeps a journal.</summary>
internal sealed class OpenProgram : IAsyncDisposable
{
    private readonly WebApplication _app;

    private OpenProgram(WebApplication app, SimulatedExchange exchange) => (_app, Exchange) = (app, exchange);

    public SimulatedExchange Exchange { get; }

    public Uri Address => new(_app.Urls.Single());

    public Uri Dashboard => new(Address, "/exchange");

    public HttpClient Exchanged => _app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("futures");

    public static async Task<OpenProgram> StartAsync(IOrderJournal? journal = null, TimeProvider? time = null)
    {
        var exchange = new SimulatedExchange();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var client = builder.Services.AddHttpClient("futures", static http => http.BaseAddress = SimulatedExchange.Address)
            .AddExchangeErrorHandling()
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        if (time is not null)
        {
            builder.Services.AddSingleton(time);
        }

        if (journal is not null)
        {
            client.AddExchangeSigning(static keys => (keys.ApiKey, keys.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret));
            builder.Services.AddSingleton(journal);
        }

        var app = builder.Build();
        app.MapExchangeResilience("/exchange").AllowAnonymousReadingOnLoopback();
        await app.StartAsync();
        using var http = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("futures");
        (await http.GetAsync("/fapi/v1/ticker/price?symbol=BTCUSDT")).Dispose();
        return new OpenProgram(app, exchange);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
