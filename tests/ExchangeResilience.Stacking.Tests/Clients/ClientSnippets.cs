using ExchangeResilience.Stacking.Tests.Migration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Refit;

namespace ExchangeResilience.Stacking.Tests.Clients;

/// <summary>The code the pages on other clients show.</summary>
internal static class ClientSnippets
{
    public static void AddRefit(IServiceCollection services, Uri address, IConfiguration configuration, Action<IHttpClientBuilder> addAbove)
    {
        #region refit
        var client = services.AddRefitGeneratedClient<IFuturesApi>().ConfigureHttpClient(http => http.BaseAddress = address);
        #endregion
        addAbove(client);
        #region refit
        client.AddExchangeErrorHandling(options => options.ThrowOnError = true).AddExchangeSigning(configuration.GetSection("ExchangeSigning"));
        #endregion
    }

    public static void AddEd25519(IServiceCollection services, Uri address, IConfiguration configuration)
    {
        #region ed25519
        services.AddHttpClient<FuturesClient>(http => http.BaseAddress = address)
            .AddExchangeErrorHandling(configuration.GetSection("ExchangeErrorHandling"))
            .AddExchangeSigning(configuration.GetSection("ExchangeSigning"))
            .AddEd25519Keys();
        #endregion
    }

    public static void AddLibrary(IServiceCollection services)
    {
        #region library
        // After the library's own registration (AddBinance, for instance), whose client has the name of its interface.
        services.AddHttpClient("IBinanceRestClient").AddExchangeErrorHandling();
        #endregion
    }

    public static void AddHedging(IHttpClientBuilder client)
    {
        #region hedging
        client.AddStandardHedgingHandler().Configure(options =>
        {
            options.TotalRequestTimeout.Timeout = TimeSpan.FromMinutes(3);
            options.Endpoint.Timeout.Timeout = TimeSpan.FromSeconds(40);
            options.Endpoint.CircuitBreaker.SamplingDuration = TimeSpan.FromMinutes(2);
            options.Hedging.ShouldHandle = static args => new(ExchangeOutcomes.MaySendAgain(args.Outcome.Result, args.Outcome.Exception));
            options.Endpoint.CircuitBreaker.ShouldHandle = static args => new(ExchangeOutcomes.IsOutage(args.Outcome.Result, args.Outcome.Exception));
        });
        #endregion
    }

    public static void AddPipeline(IHttpClientBuilder client)
    {
        #region pipeline
        client.AddResilienceHandler("exchange", static pipeline => pipeline
            .AddRetry(new HttpRetryStrategyOptions { ShouldHandle = static args => new(ExchangeOutcomes.MaySendAgain(args.Outcome.Result, args.Outcome.Exception)) })
            .AddCircuitBreaker(new HttpCircuitBreakerStrategyOptions { ShouldHandle = static args => new(ExchangeOutcomes.IsOutage(args.Outcome.Result, args.Outcome.Exception)) }));
        #endregion
    }

    public static async Task<ExecutionStatus> BuyAsync(IFuturesApi api, string orderId)
    {
        #region refit-outcome
        try
        {
            await api.BuyAsync("BTCUSDT", 0.001m, orderId);
            return ExecutionStatus.Executed;
        }
        catch (Exception thrown) when (ExchangeErrorException.Find(thrown) is { } failure)
        {
            return failure.Error.Execution;
        }
        #endregion
    }
}

#region refit-api
public interface IFuturesApi
{
    [Post("/fapi/v1/order?side=BUY&type=MARKET")]
    Task<PlacedOrder> BuyAsync([Query] string symbol, [Query] decimal quantity, [Query][AliasAs("newClientOrderId")] string orderId);

    [Delete("/fapi/v1/order")]
    Task<PlacedOrder> CancelAsync([Query] string symbol, [Query][AliasAs("origClientOrderId")] string orderId);
}

public sealed record PlacedOrder(long OrderId, string ClientOrderId, string Status);
#endregion
