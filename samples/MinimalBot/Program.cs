// One order and its outcome. Without keys it is placed at a simulated exchange on a port of this machine; with keys of the test network, there, or where Address says:
//   dotnet user-secrets set ExchangeSigning:ApiKey ...
//   dotnet user-secrets set ExchangeSigning:Secret ...
using System.Globalization;
using System.Text.Json.Serialization;
using ExchangeResilience;
using ExchangeResilience.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.Configuration.AddUserSecrets<FuturesClient>(optional: true).AddEnvironmentVariables().AddCommandLine(args);

await using var simulated = builder.Configuration["ExchangeSigning:ApiKey"] is null ? await new SimulatedExchange().ListenAsync() : null;
if (simulated is not null)
{
    builder.Configuration["ExchangeSigning:ApiKey"] = SimulatedExchangeOptions.DefaultApiKey;
    builder.Configuration["ExchangeSigning:Secret"] = SimulatedExchangeOptions.DefaultApiSecret;
}

var address = simulated?.Address ?? new Uri(builder.Configuration["Address"] ?? "https://testnet.binancefuture.com");
builder.Services
    .AddHttpClient<FuturesClient>(http => http.BaseAddress = address)
    .AddExchangeErrorHandling(builder.Configuration.GetSection("ExchangeErrorHandling"))
    .AddExchangeSigning(builder.Configuration.GetSection("ExchangeSigning"));

using var host = builder.Build();

// An id of its own for every order: sent again under it, the order is the same one.
var id = string.Create(CultureInfo.InvariantCulture, $"minimal-{TimeProvider.System.GetUtcNow():yyMMdd-HHmmssfff}");
Console.WriteLine($"{id}: 0.001 BTCUSDT at {address}");
try
{
    await host.StartAsync();
    var result = await host.Services.GetRequiredService<FuturesClient>().BuyAsync("BTCUSDT", 0.001m, id, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    Console.WriteLine(result.Execution switch
    {
        ExecutionStatus.Executed => $"executed: order {result.Value?.OrderId} is {result.Value?.Status}",
        ExecutionStatus.NotExecuted => $"not executed: {result}",
        _ => $"unknown: {result} Send it again under the same id.",
    });
    return result.IsExecuted ? 0 : 1;
}
catch (OperationCanceledException stopped)
{
    // Ctrl+C. What is in doubt then is logged as the host stops, with what becomes of it.
    Console.WriteLine($"stopped: {stopped.Message}");
    return 1;
}
finally
{
    await host.StopAsync();
}

internal sealed class FuturesClient(HttpClient http)
{
    public async Task<ExchangeResult<Order>> BuyAsync(string symbol, decimal quantity, string id, CancellationToken cancellationToken)
    {
        using var order = new HttpRequestMessage(
            HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"/fapi/v1/order?symbol={symbol}&side=BUY&type=MARKET&quantity={quantity}&newOrderRespType=RESULT&newClientOrderId={id}"));
        return await http.SendExchangeAsync(order, FuturesJson.Default.Order, cancellationToken);
    }
}

internal sealed record Order(long OrderId, string Status);

[JsonSerializable(typeof(Order))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class FuturesJson : JsonSerializerContext;
