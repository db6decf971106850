using System.Net;
using System.Threading.Channels;
using ExchangeResilience.Tests.Claims;

namespace ExchangeResilience.Simulation.Tests.Processes;

/// <summary>A timeout for each attempt, retries, and a timeout for all of them, as the standard resilience handler has.</summary>
internal sealed class StandardRetry(TimeProvider time, TimeSpan attemptTimeout, TimeSpan totalTimeout) : DelegatingHandler
{
    private const int Attempts = 4;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var total = new CancellationTokenSource(totalTimeout, time);
        using var all = CancellationTokenSource.CreateLinkedTokenSource(total.Token, cancellationToken);
        for (var attempt = 1; ; attempt++)
        {
            using var timeout = new CancellationTokenSource(attemptTimeout, time);
            using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, all.Token);
            try
            {
                var response = await base.SendAsync(request, linked.Token);
                if (attempt == Attempts || ((int)response.StatusCode < 500 && (int)response.StatusCode is not (408 or 429)))
                {
                    return response;
                }
            }
            catch (Exception failure) when (attempt < Attempts && !all.IsCancellationRequested && failure is HttpRequestException or OperationCanceledException)
            {
                // Tried again.
            }

            await Task.Delay(Pause * attempt, time, all.Token);
        }
    }
}

/// <summary>Queues requests; a worker loop, which the first of them starts, sends one after the other.</summary>
internal sealed class SendingQueue : DelegatingHandler
{
    private readonly Channel<(HttpRequestMessage Request, TaskCompletionSource<HttpResponseMessage> Reply, CancellationToken Stop)> _queue =
        Channel.CreateUnbounded<(HttpRequestMessage, TaskCompletionSource<HttpResponseMessage>, CancellationToken)>();

    private Task? _worker;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var reply = new TaskCompletionSource<HttpResponseMessage>(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Writer.TryWrite((request, reply, cancellationToken));
        _worker ??= Task.Run(WorkAsync, CancellationToken.None);
        return reply.Task;
    }

    private async Task WorkAsync()
    {
        await foreach (var (request, reply, stop) in _queue.Reader.ReadAllAsync())
        {
            try
            {
                reply.SetResult(await base.SendAsync(request, stop));
            }
            catch (Exception failure)
            {
                reply.SetException(failure);
            }
        }
    }
}

/// <summary>Answers in words of its own, as gateways and circuit breakers do: each reply as a copy, each failure as a 503, and every so often a 503 without a send.</summary>
internal sealed class Facade : DelegatingHandler
{
    private const int Breaks = 6;
    private int _calls;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (++_calls % Breaks == 0)
        {
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        }

        try
        {
            using var response = await base.SendAsync(request, cancellationToken);
            return new HttpResponseMessage(response.StatusCode) { Content = new ByteArrayContent(await response.Content.ReadAsByteArrayAsync(cancellationToken)) };
        }
        catch (HttpRequestException)
        {
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable);
        }
    }
}

/// <summary>Sends a request that failed again through another client, whose host serves the same market.</summary>
internal sealed class Failover(TimeProvider time, TimeSpan attemptTimeout, Func<HttpClient> backup) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(attemptTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var response = await base.SendAsync(request, linked.Token);
            if ((int)response.StatusCode < 500)
            {
                return response;
            }
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && failure is HttpRequestException or OperationCanceledException)
        {
            // Tried elsewhere.
        }

        using var other = OuterClone.Of(request);
        other.RequestUri = new Uri(request.RequestUri!.PathAndQuery, UriKind.Relative);
        return await backup().SendAsync(other, cancellationToken);
    }
}
