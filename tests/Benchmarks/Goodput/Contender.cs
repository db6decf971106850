using ExchangeResilience;
using ExchangeResilience.Goodput;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.EndToEnd;
using Microsoft.Extensions.DependencyInjection;
using Polly;
using Polly.Retry;

namespace Benchmarks.Goodput;

/// <summary>A client that meets the overloaded exchange.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Open">Makes its way of calling, which ends with the disposable.</param>
internal sealed record Contender(string Name, Func<SimulatedExchange, TimeProvider, (SendCall Send, IDisposable Resources)> Open)
{
    /// <summary>Whether the picture shows it.</summary>
    public bool IsDrawn { get; init; } = true;

    private const int Tries = 3;

    public static readonly IReadOnlyList<Contender> All =
    [
        new("ExchangeResilience", (exchange, time) => Protected(exchange, time, OverloadedExchange.WaitForTheNextWindow)),
        new("ExchangeResilience, no setting changed", (exchange, time) => Protected(exchange, time, static _ => { })) { IsDrawn = false },
        new("HttpClient alone", (exchange, time) => Plain(exchange, time, static send => send)),
        new("Naive retry, 3 tries 500 ms apart", (exchange, time) => Plain(exchange, time, send => Naive(send, time))),
        new("Polly retry, 3 tries, heeds Retry-After", (exchange, time) => Plain(exchange, time, send => Polly(send, time))),
    ];

    private delegate Task<HttpResponseMessage> Send(Func<HttpRequestMessage> sign);

    private static (SendCall Send, IDisposable Resources) Protected(SimulatedExchange exchange, TimeProvider time, Action<ExchangeErrorHandlingOptions> configure)
    {
        var services = new ServiceCollection();
        services.AddSingleton(time);
        services.AddHttpClient("futures", static client =>
            {
                client.BaseAddress = SimulatedExchange.Address;

                // Real time has no say here.
                client.Timeout = Timeout.InfiniteTimeSpan;
            })
            .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
            .AddExchangeErrorHandling(configure)
            .AddExchangeSigning(static options =>
            {
                options.ApiKey = SimulatedExchangeOptions.DefaultApiKey;
                options.Secret = SimulatedExchangeOptions.DefaultApiSecret;
            })
            .ConfigurePrimaryHttpMessageHandler(() => exchange.CreateHandler());
        var provider = services.BuildServiceProvider();
        var http = provider.GetRequiredService<IHttpClientFactory>().CreateClient("futures");
        return (CallAsync, provider);

        async Task<bool> CallAsync(HttpMethod method, string pathAndQuery)
        {
            using var request = new HttpRequestMessage(method, pathAndQuery);
            try
            {
                using var response = await http.SendAsync(request);
                return response.IsSuccessStatusCode;
            }
            catch (ExchangeErrorException)
            {
                return false;
            }
        }
    }

    private static (SendCall Send, IDisposable Resources) Plain(SimulatedExchange exchange, TimeProvider time, Func<Send, Send> retry)
    {
        var http = new HttpClient(exchange.CreateHandler()) { BaseAddress = SimulatedExchange.Address, Timeout = Timeout.InfiniteTimeSpan };
        var send = retry(async sign =>
        {
            using var request = sign();
            return await http.SendAsync(request);
        });
        return (CallAsync, http);

        async Task<bool> CallAsync(HttpMethod method, string pathAndQuery)
        {
            using var response = await send(() => NaiveSigning.Sign(method, pathAndQuery, time));
            return response.IsSuccessStatusCode;
        }
    }

    private static Send Naive(Send send, TimeProvider time) => async sign =>
    {
        for (var attempt = 1; ; attempt++)
        {
            var response = await send(sign);
            if (response.IsSuccessStatusCode || attempt == Tries)
            {
                return response;
            }

            response.Dispose();
            await Task.Delay(TimeSpan.FromMilliseconds(500), time, CancellationToken.None);
        }
    };

    private static Send Polly(Send send, TimeProvider time)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = Tries - 1,
                Delay = TimeSpan.FromSeconds(1),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Randomizer = new Random(1).NextDouble,
                ShouldHandle = static outcome => ValueTask.FromResult(outcome.Outcome.Result is { IsSuccessStatusCode: false }),
                DelayGenerator = static outcome => ValueTask.FromResult(outcome.Outcome.Result?.Headers.RetryAfter?.Delta),
            })
            .Build();
        return sign => pipeline.ExecuteAsync(async _ => await send(sign)).AsTask();
    }
}
