using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;
using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Tests.Traffic;

/// <summary>A client that only observes is not held, but what it is told holds those of its address that enforce.</summary>
public sealed class ObservedHoldTests
{
    private const string Price = "/fapi/v1/ticker/price?symbol=BTCUSDT";

    [Fact]
    public async Task A_ban_told_to_an_observing_client_stops_an_enforcing_one()
    {
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(new SimulatedExchangeOptions(), time);
        var services = new ServiceCollection().AddSingleton<TimeProvider>(time);
        foreach (var mode in Enum.GetValues<HandlingMode>())
        {
            services.AddHttpClient($"{mode}", static http => http.BaseAddress = SimulatedExchange.Address)
                .AddExchangeErrorHandling(options => (options.Mode, options.MaxWait) = (mode, TimeSpan.FromSeconds(1)))
                .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        }

        await using var provider = services.BuildServiceProvider();
        HttpClient Client(HandlingMode mode) => provider.GetRequiredService<IHttpClientFactory>().CreateClient($"{mode}");

        await time.RunAsync(async () =>
        {
            exchange.Faults.Next("GET /fapi/v1/ticker/price", Fault.Ban(TimeSpan.FromMinutes(10)));
            (await Told.HearAsync(Client(HandlingMode.Observe).GetAsync(Price))).Status.ShouldBe(418);
            (await Told.HearAsync(Client(HandlingMode.Enforce).GetAsync(Price))).Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        });

        exchange.Requests.Count(static request => request.Path == "/fapi/v1/ticker/price").ShouldBe(1);
    }
}
