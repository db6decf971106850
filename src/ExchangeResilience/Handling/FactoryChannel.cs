namespace ExchangeResilience;

/// <summary>Asks through a named client's present handlers, so that questions take the same proxy, certificate and egress as the request they are about.</summary>
internal sealed class FactoryChannel(IHttpMessageHandlerFactory factory, IHttpClientFactory clients, TimeProvider time) : IExchangeChannel
{
    private readonly AskedWaits _waits = new(time);

    public async Task<Answer> AskAsync(string clientName, HttpMethod method, Uri uri, CancellationToken cancellationToken)
    {
        try
        {
            // The factory may retire the chain while the question is out; holding its outermost handler keeps it alive until then.
            var chain = factory.CreateHandler(clientName);
            var handler = Find(chain);

            if (!Knows(handler, clientName, uri))
            {
                return new Answer(LocalErrors.ToError(LocalErrors.HostNotKnown, message: uri.Host), default);
            }

            if (_waits.Left(clientName, method, uri) is { Ticks: > 0 } wait)
            {
                return new Answer(LocalErrors.ToError(LocalErrors.HeldBack, time.GetUtcNow() + wait, wait, "Retry-After"), default) { AskedToWait = wait };
            }

            var answer = await handler.AskAsync(method, uri, cancellationToken).ConfigureAwait(false);
            _waits.Note(clientName, method, uri, answer.AskedToWait);
            GC.KeepAlive(chain);
            return answer;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            // What the program plugs in is asked to make the handlers, and may throw; to whoever asks that is no evidence, and nothing worse.
            return new Answer(LocalErrors.ToError(LocalErrors.NotSent, message: fault.GetType().Name), default);
        }
    }

    public bool Knows(string clientName, Uri uri)
    {
        try
        {
            return Knows(Find(factory.CreateHandler(clientName)), clientName, uri);
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
            return BaseOf(clientName);
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            return null;
        }
    }

    private bool Knows(ExchangeErrorHandler handler, string clientName, Uri uri) => handler.Knows(uri)
        || (BaseOf(clientName) is { } address && Uri.Compare(address, uri, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0);

    private Uri? BaseOf(string clientName)
    {
        using var client = clients.CreateClient(clientName);
        return client.BaseAddress;
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
