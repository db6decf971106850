#region testing
using ExchangeResilience;
using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;
#endregion

namespace Documented;

/// <summary>The test the documentation shows. It is run like any other.</summary>
public sealed class FuturesClientTests
{
    #region testing
    [Fact]
    public async Task A_lost_reply_does_not_double_the_order()
    {
        var time = new ManualTimeProvider();
        var exchange = new SimulatedExchange(time: time);
        exchange.Faults.Next("POST /fapi/v1/order", Fault.ExecuteThenDrop);

        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(time);
        services.AddHttpClient<FuturesClient>(http => http.BaseAddress = SimulatedExchange.Address)
            .AddExchangeErrorHandling()
            .AddExchangeSigning(keys => (keys.ApiKey, keys.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret))
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        await using var provider = services.BuildServiceProvider();

        var execution = await time.RunAsync(() => provider.GetRequiredService<FuturesClient>().BuyAsync("BTCUSDT", 0.001m, "my-order-1"));

        Assert.Equal(ExecutionStatus.Executed, execution);
        Assert.Single(exchange.ExecutionsOf("my-order-1"));
    }
    #endregion
}
