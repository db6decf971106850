using Microsoft.Extensions.DependencyInjection;

namespace ExchangeResilience.Testing.Tests.Streams;

/// <summary>What the documentation shows of the user data stream, as a test.</summary>
public sealed class OfferedEventTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task An_event_tells_what_no_answer_does()
    {
        var exchange = new SimulatedExchange(time: _time);
        exchange.Faults.Next("POST /fapi/v1/order", Fault.ExecuteThenDrop);
        exchange.Faults.Plan = FaultPlan.Custom(static request => request is { Method: "GET", Path: "/fapi/v1/order" } ? Fault.Silence : null);
        using var trader = new Trader(exchange, _time);
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(_time);
        services.AddHttpClient("futures", static http => http.BaseAddress = SimulatedExchange.Address)
            .AddExchangeErrorHandling()
            .AddExchangeSigning(static keys => (keys.ApiKey, keys.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret))
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        await using var provider = services.BuildServiceProvider();
        var listenKey = (await trader.SendAsync(HttpMethod.Post, "/fapi/v1/listenKey", content: null)).Text("listenKey");
        var inDoubt = provider.GetRequiredService<IInDoubtOrders>();

        using var response = await _time.RunAsync(async () =>
        {
            _ = OfferAsync(exchange, listenKey, inDoubt);
            return await provider.GetRequiredService<IHttpClientFactory>().CreateClient("futures")
                .PostAsync("/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=lost", content: null);
        });

        response.IsSuccessStatusCode.ShouldBeTrue();
        response.GetRecoveryReport().ShouldNotBeNull().Execution.ShouldBe(ExecutionStatus.Executed);
        _time.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1), "the questions are never answered");
    }

    #region user-data
    private static async Task OfferAsync(SimulatedExchange exchange, string listenKey, IInDoubtOrders inDoubt)
    {
        await foreach (var payload in exchange.ReadUserDataAsync(listenKey))
        {
            inDoubt.OfferUserData("futures", payload);
        }
    }
    #endregion
}
