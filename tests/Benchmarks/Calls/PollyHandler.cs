using System.Net;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Benchmarks.Calls;

/// <summary>Retry and timeout as Polly's own documentation spells them for HTTP, called with a state instead of a closure.</summary>
internal sealed class PollyHandler : DelegatingHandler
{
    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
        .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
        {
            MaxRetryAttempts = 3,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome is
                { Exception: HttpRequestException or TimeoutRejectedException } or { Result.StatusCode: HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError }),
        })
        .AddTimeout(TimeSpan.FromSeconds(10))
        .Build();

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) => await _pipeline.ExecuteAsync(
        static (state, stop) => new ValueTask<HttpResponseMessage>(state.Handler.PassAsync(state.Request, stop)), (Handler: this, Request: request), cancellationToken);

    private Task<HttpResponseMessage> PassAsync(HttpRequestMessage request, CancellationToken cancellationToken) => base.SendAsync(request, cancellationToken);
}
