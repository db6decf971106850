using ExchangeResilience.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace ExchangeResilience.PostgreSql.Tests.Storage;

/// <summary>What a whole program is told by the first order after the store has gone, on real time.</summary>
public sealed class FirstOrderTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan CommandTimeout = TimeSpan.FromSeconds(2);
    private LocalPostgreSql? _server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private LocalPostgreSql Server => _server!;

    public async ValueTask InitializeAsync() => _server = await LocalPostgreSql.StartAsync(Stop);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_refused_by_the_stores_name_and_the_next_at_once(bool isFrozen)
    {
        var exchange = new SimulatedExchange();
        await using var provider = Program(exchange);
        foreach (var service in provider.GetServices<IHostedService>())
        {
            await service.StartAsync(Stop);
        }

        var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("futures");
        (await BuyAsync("before")).Execution.ShouldBe(ExecutionStatus.Executed);
        await (isFrozen ? Server.FreezeAsync(Stop) : Server.StopAsync());
        try
        {
            foreach (var (id, patience) in ((string, TimeSpan)[])[("first", isFrozen ? CommandTimeout + TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(1)), ("next", TimeSpan.FromSeconds(1))])
            {
                var since = TimeProvider.System.GetTimestamp();
                var refused = await BuyAsync(id);
                var took = TimeProvider.System.GetElapsedTime(since);
                output.WriteLine($"{id}: {refused.Error?.Name} after {took.TotalSeconds:0.00} s");
                (refused.Error?.Name).ShouldBe("NOT_JOURNALLED", refused.ToString());
                refused.Execution.ShouldBe(ExecutionStatus.Unknown, "an earlier run may have sent an order of that id, and nobody can look it up");
                took.ShouldBeLessThan(patience);
                var health = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Name == "exchange_resilience_store", Stop);
                health.Status.ShouldBe(HealthStatus.Degraded);
            }

            var unnamed = await BuyAsync(id: null);
            (unnamed.Error?.Name, unnamed.Execution).ShouldBe(("NOT_JOURNALLED", ExecutionStatus.NotExecuted));
        }
        finally
        {
            await (isFrozen ? Server.ThawAsync(Stop) : Server.ResumeAsync(Stop));
        }

        exchange.ExecutionsOf("first").ShouldBeEmpty();

        async Task<ExchangeResult> BuyAsync(string? id)
        {
            using var order = new HttpRequestMessage(HttpMethod.Post, $"/fapi/v1/order?symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001{(id is null ? "" : $"&newClientOrderId={id}")}");
            return await http.SendExchangeAsync(order, Stop);
        }
    }

    private ServiceProvider Program(SimulatedExchange exchange)
    {
        var services = new ServiceCollection();
        services.AddHttpClient("futures", static http => http.BaseAddress = SimulatedExchange.Address)
            .AddExchangeErrorHandling(static options => options.Account = "main")
            .AddExchangeSigning(static keys => (keys.ApiKey, keys.Secret) = (SimulatedExchangeOptions.DefaultApiKey, SimulatedExchangeOptions.DefaultApiSecret))
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        services.AddPostgreSqlExchangeState(options => (options.ConnectionString, options.CommandTimeout) = (Server.ConnectionString, CommandTimeout));
        return services.BuildServiceProvider();
    }
}
