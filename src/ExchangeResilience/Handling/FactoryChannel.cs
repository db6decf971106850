namespace ExchangeResilience;

/// <summary>Asks through a named client's present handlers, so that questions take the same proxy, certificate and egress as the request they are about.</summary>
internal sealed class FactoryChannel(IHttpMessageHandlerFactory factory) : IExchangeChannel
{
    public async Task<Answer> AskAsync(string clientName, HttpMethod method, Uri uri, CancellationToken cancellationToken)
    {
        try
        {
            // The factory may retire the chain while the question is out; holding its outermost handler keeps it alive until then.
            var chain = factory.CreateHandler(clientName);
            var answer = await Find(chain).AskAsync(method, uri, cancellationToken).ConfigureAwait(false);
            GC.KeepAlive(chain);
            return answer;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            // What the program plugs in is asked to make the handlers, and may throw; to whoever asks that is no evidence, and nothing worse.
            return new Answer(LocalErrors.ToError(LocalErrors.NotSent, message: fault.GetType().Name), default);
        }
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
