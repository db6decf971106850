#region wiremock
using ExchangeResilience;
using Microsoft.Extensions.DependencyInjection;
using WireMock.RequestBuilders;
using WireMock.ResponseBuilders;
using WireMock.Server;
#endregion

namespace ExchangeResilience.WireMock.Tests;

/// <summary>The test the documentation shows. It is run like any other.</summary>
public sealed class TimedOutOrderTests
{
    #region wiremock
    [Fact]
    public async Task An_order_that_timed_out_is_found()
    {
        static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

        using var exchange = WireMockServer.Start();
        exchange.Given(Request.Create().WithPath("/fapi/v1/time").UsingGet())
            .RespondWith(Response.Create().WithBody(_ => $$"""{"serverTime":{{Now()}}}"""));
        exchange.Given(Request.Create().WithPath("/fapi/v1/order").UsingPost())
            .RespondWith(Response.Create().WithStatusCode(408).WithBody("""{"code":-1007,"msg":"Timeout waiting for response from backend server."}"""));
        exchange.Given(Request.Create().WithPath("/fapi/v1/order").WithParam("origClientOrderId", "my-order-1").UsingGet())
            .RespondWith(Response.Create().WithBody(_ => $$"""
                {"orderId":1,"symbol":"BTCUSDT","clientOrderId":"my-order-1","side":"BUY","type":"MARKET","origQty":"0.001","status":"FILLED","time":{{Now()}}}
                """));

        var services = new ServiceCollection();
        services.AddHttpClient<FuturesClient>(http => http.BaseAddress = new Uri(exchange.Url!))
            .AddExchangeErrorHandling()
            .AddExchangeSigning(keys => (keys.ApiKey, keys.Secret) = ("any-key", "any-secret"));
        await using var provider = services.BuildServiceProvider();

        var execution = await provider.GetRequiredService<FuturesClient>().BuyAsync("BTCUSDT", 0.001m, "my-order-1");

        Assert.Equal(ExecutionStatus.Executed, execution);
        Assert.Single(exchange.LogEntries, entry => entry.RequestMessage?.Method == "POST");
    }
    #endregion
}
