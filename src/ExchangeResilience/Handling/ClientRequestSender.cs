using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>Sends through a named client's present handlers, so that look-ups take the same proxy, certificate and egress as the request they are about.</summary>
internal sealed class ClientRequestSender(IHttpMessageHandlerFactory factory, IHttpClientFactory clients, TimeProvider time) : IInternalRequestSender
{
    private readonly AskedWaits _waits = new(time);
    private readonly ConcurrentDictionary<string, (Version Version, HttpVersionPolicy Policy)> _versions = new(StringComparer.Ordinal);

    public async Task<QueryResult> AskAsync(string clientName, HttpMethod method, Uri uri, CancellationToken cancellationToken, SigningCredentials? signedWith = null)
    {
        try
        {
            // The factory may retire the chain while the look-up is in flight; holding its outermost handler keeps it alive until then.
            var chain = factory.CreateHandler(clientName);
            var handler = Find(chain);

            if (!handler.Knows(uri))
            {
                return new QueryResult(LocalErrors.ToError(LocalErrors.HostNotKnown, message: uri.Host), default);
            }

            if (_waits.Left(clientName, method, uri) is { Ticks: > 0 } wait)
            {
                return new QueryResult(LocalErrors.ToError(LocalErrors.HeldBack, time.GetUtcNow() + wait, wait, "Retry-After"), default) { AskedToWait = wait };
            }

            // A handler of the host's that ignores its token must not end a search.
            var answer = await handler.AskAsync(Question(clientName, method, uri), signedWith, cancellationToken).WaitAsync(handler.LongestQuestion, time, cancellationToken).ConfigureAwait(false);
            answer = answer with { AskedToWait = TimeSpan.Min(answer.AskedToWait, AskedWaits.Longest) };
            _waits.Note(clientName, method, uri, answer.AskedToWait);
            GC.KeepAlive(chain);
            return answer;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            // The program's own code creates the handlers, and may throw; for a look-up that is no evidence, and nothing worse.
            return new QueryResult(LocalErrors.ToError(LocalErrors.NotSent, message: fault.GetType().Name), default);
        }
    }

    public bool Knows(string clientName, Uri uri)
    {
        try
        {
            return Find(factory.CreateHandler(clientName)).Knows(uri);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            return false;
        }
    }

    public Uri? HostOf(string clientName)
    {
        try
        {
            using var client = clients.CreateClient(clientName);
            return client.BaseAddress;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            return null;
        }
    }

    // The version that the client is set to, since its host may speak no other. Found once: a program that is ending makes no more clients.
    private HttpRequestMessage Question(string clientName, HttpMethod method, Uri uri)
    {
        var (version, policy) = _versions.GetOrAdd(clientName, static (name, factory) =>
        {
            using var client = factory.CreateClient(name);
            return (client.DefaultRequestVersion, client.DefaultVersionPolicy);
        }, clients);
        return new(method, uri) { Version = version, VersionPolicy = policy };
    }

    private static ExchangeErrorHandler Find(HttpMessageHandler? handler)
    {
        while (handler is DelegatingHandler outer)
        {
            if (outer is ExchangeErrorHandler ours)
            {
                return ours;
            }

            handler = outer.InnerHandler;
        }

        throw new InvalidOperationException("The client's handlers no longer contain exchange error handling. Something replaced them after AddExchangeErrorHandling().");
    }
}
