using Polly;
using Polly.Hedging;

namespace ExchangeResilience.Tests.Claims;

/// <summary>A retry as programs write it, stacked above the middleware: again after an exception, a 5xx, or an attempt that took too long.</summary>
internal sealed class NaiveRetry(TimeProvider time, TimeSpan attemptTimeout, bool clones) : DelegatingHandler
{
    private const int Attempts = 12;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(150);

    private int _sent;

    /// <summary>How often it handed the request on.</summary>
    public int Sent => Volatile.Read(ref _sent);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var timeout = new CancellationTokenSource(attemptTimeout, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
            try
            {
                Interlocked.Increment(ref _sent);
                var response = await base.SendAsync(clones ? OuterClone.Of(request) : request, linked.Token);
                if ((int)response.StatusCode < 500 || attempt == Attempts)
                {
                    return response;
                }
            }
            catch (Exception failure) when (attempt < Attempts && !cancellationToken.IsCancellationRequested && failure is HttpRequestException or OperationCanceledException)
            {
                // Tried again.
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }
}

/// <summary>Hedging above the middleware: a clone of the request leaves whenever the one before has taken too long or failed.</summary>
internal sealed class Hedging(TimeProvider time, TimeSpan delay, int hedged) : DelegatingHandler
{
    private static readonly ResiliencePropertyKey<HttpRequestMessage> Original = new("original");

    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
        .AddHedging(new HedgingStrategyOptions<HttpResponseMessage>
        {
            Delay = delay,
            MaxHedgedAttempts = hedged,
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Exception is HttpRequestException || arguments.Outcome.Result is { IsSuccessStatusCode: false }),
        })
        .Build();

    private int _sent;

    public int Sent => Volatile.Read(ref _sent);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(Original, OuterClone.Of(request));
        try
        {
            return await _pipeline.ExecuteAsync(
                async attempt =>
                {
                    Interlocked.Increment(ref _sent);
                    return await base.SendAsync(OuterClone.Of(attempt.Properties.GetValue(Original, null!)), attempt.CancellationToken);
                },
                context);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }
}

/// <summary>A handler that does something of its own with the answer: sends again, or loses it.</summary>
internal sealed class Meddling(Func<Func<Task<HttpResponseMessage>>, Task<HttpResponseMessage>> meddle) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        meddle(() => base.SendAsync(OuterClone.Of(request), cancellationToken));
}

/// <summary>A copy as such handlers make it: method, address, headers and content, nothing else.</summary>
internal static class OuterClone
{
    public static HttpRequestMessage Of(HttpRequestMessage request)
    {
        var clone = new HttpRequestMessage(request.Method, request.RequestUri) { Content = request.Content, Version = request.Version };
        foreach (var (name, values) in request.Headers)
        {
            clone.Headers.TryAddWithoutValidation(name, values);
        }

        return clone;
    }
}
