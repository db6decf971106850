using ExchangeResilience.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Browser.Tests.Fleet;

/// <summary>A program of a fleet, with a dashboard.</summary>
internal sealed class FleetMember : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FleetMember(WebApplication app) => _app = app;

    public string Dashboard => _app.Urls.Single() + "/exchange";

    public static async Task<FleetMember> StartAsync(string name, SimulatedExchange exchange, string state)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHttpClient("futures", static http => http.BaseAddress = SimulatedExchange.Address)
            .AddExchangeErrorHandling(static options => options.TotalTimeout = options.AttemptTimeout = options.SendBefore = TimeSpan.FromSeconds(5))
            .AddExchangeSigning(static keys => (keys.ApiKey, keys.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret))
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        builder.Services.AddPostgreSqlExchangeState(options =>
        {
            options.ConnectionString = state;
            options.MemberName = name;
            options.Lease = TimeSpan.FromSeconds(3);
        });
        var app = builder.Build();
        app.MapExchangeResilience("/exchange").AllowAnonymousReadingOnLoopback();
        await app.StartAsync();
        return new FleetMember(app);
    }

    public async Task<HttpResponseMessage> GetAsync(string path)
    {
        using var http = _app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("futures");
        return await http.GetAsync(path);
    }

    public async Task PlaceAsync(string id)
    {
        using var http = _app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("futures");
        using var response = await http.PostAsync($"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId={id}", content: null);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
