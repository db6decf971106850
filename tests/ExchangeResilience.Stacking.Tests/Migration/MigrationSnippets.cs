using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Polly;
using Polly.Retry;

namespace ExchangeResilience.Stacking.Tests.Migration;

/// <summary>The code the migration page shows, before and after. What comes before is also what is measured.</summary>
internal static class MigrationSnippets
{
    public static void AddPolly(IServiceCollection services, Uri address)
    {
        #region polly-before
        services.AddTransient<SigningHandler>();
        services.AddHttpClient<RetryingClient>(http => http.BaseAddress = address)
            .AddHttpMessageHandler<SigningHandler>();
        #endregion
    }

    public static void AddStandard(IServiceCollection services, Uri address)
    {
        #region standard-before
        services.AddTransient<SigningHandler>();
        var client = services.AddHttpClient<PlainClient>(http => http.BaseAddress = address);
        client.AddStandardResilienceHandler();
        client.AddHttpMessageHandler<SigningHandler>(); // below the retries, so that each attempt is signed again
        #endregion
    }

    public static void AddStandardForSafeMethods(IServiceCollection services, Uri address)
    {
        services.AddTransient<SigningHandler>();
        var client = services.AddHttpClient<PlainClient>(http => http.BaseAddress = address);
        #region standard-safe
        client.AddStandardResilienceHandler(options => options.Retry.DisableForUnsafeHttpMethods());
        #endregion
        client.AddHttpMessageHandler<SigningHandler>();
    }

    public static void AddThis(IServiceCollection services, Uri address, IConfiguration configuration)
    {
        #region after
        services.AddHttpClient<FuturesClient>(http => http.BaseAddress = address)
            .AddExchangeErrorHandling(configuration.GetSection("ExchangeErrorHandling"))
            .AddExchangeSigning(configuration.GetSection("ExchangeSigning"));
        #endregion
    }

    public static void AddStandardOnTop(IServiceCollection services, Uri address, IConfiguration configuration)
    {
        #region standard-on-top
        var client = services.AddHttpClient<FuturesClient>(http => http.BaseAddress = address);
        client.AddStandardResilienceHandler(Configure);
        client.AddExchangeErrorHandling(configuration.GetSection("ExchangeErrorHandling"))
            .AddExchangeSigning(configuration.GetSection("ExchangeSigning"));
        #endregion
    }

    #region standard-on-top
    public static void Configure(HttpStandardResilienceOptions options)
    {
        options.AttemptTimeout.Timeout = TimeSpan.FromSeconds(40); // longer than TotalTimeout
        options.TotalRequestTimeout.Timeout = TimeSpan.FromMinutes(3);
        options.CircuitBreaker.SamplingDuration = TimeSpan.FromMinutes(2);
        options.Retry.ShouldHandle = static args => new(ExchangeOutcomes.MaySendAgain(args.Outcome.Result, args.Outcome.Exception));
        options.CircuitBreaker.ShouldHandle = static args => new(ExchangeOutcomes.IsOutage(args.Outcome.Result, args.Outcome.Exception));
    }
    #endregion
}

#region polly-before
public sealed class RetryingClient(HttpClient http, TimeProvider time)
{
    private readonly ResiliencePipeline<HttpResponseMessage> _retry = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            ShouldHandle = new PredicateBuilder<HttpResponseMessage>()
                .Handle<HttpRequestException>()
                .HandleResult(reply => reply.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError),
            MaxRetryAttempts = 3,
            Delay = TimeSpan.FromMilliseconds(200),
            BackoffType = DelayBackoffType.Exponential,
        })
        .Build();

    public async Task<bool> BuyAsync(string symbol, decimal quantity, string orderId, CancellationToken cancellationToken = default)
    {
        var order = FormattableString.Invariant($"/fapi/v1/order?symbol={symbol}&side=BUY&type=MARKET&quantity={quantity}&newClientOrderId={orderId}");
        using var response = await _retry.ExecuteAsync(async token => await http.PostAsync(order, content: null, token), cancellationToken);
        return response.IsSuccessStatusCode;
    }
}
#endregion

#region standard-before
public sealed class PlainClient(HttpClient http)
{
    public async Task<bool> BuyAsync(string symbol, decimal quantity, string orderId, CancellationToken cancellationToken = default)
    {
        var order = FormattableString.Invariant($"/fapi/v1/order?symbol={symbol}&side=BUY&type=MARKET&quantity={quantity}&newClientOrderId={orderId}");
        using var response = await http.PostAsync(order, content: null, cancellationToken);
        return response.IsSuccessStatusCode;
    }
}
#endregion

#region after
public sealed class FuturesClient(HttpClient http)
{
    public async Task<ExecutionStatus> BuyAsync(string symbol, decimal quantity, string orderId, CancellationToken cancellationToken = default)
    {
        var order = FormattableString.Invariant($"/fapi/v1/order?symbol={symbol}&side=BUY&type=MARKET&quantity={quantity}&newClientOrderId={orderId}");
        try
        {
            using var response = await http.PostAsync(order, content: null, cancellationToken);
            return response.GetExchangeError()?.Execution ?? ExecutionStatus.Executed;
        }
        catch (ExchangeErrorException failure)
        {
            return failure.Error.Execution;
        }
    }
}
#endregion
