namespace ExchangeResilience;

/// <summary>Asks through a named client's present handlers, so that questions take the same proxy, certificate and egress as the request they are about.</summary>
internal sealed class FactoryChannel(IHttpMessageHandlerFactory factory) : IExchangeChannel
{
    public async Task<Answer> AskAsync(string clientName, HttpMethod method, Uri uri, CancellationToken cancellationToken)
    {
        // The factory may retire the chain while the question is out; holding its outermost handler keeps it alive until then.
        HttpMessageHandler chain;
        ExchangeErrorHandler handler;
        try
        {
            handler = Find(chain = factory.CreateHandler(clientName));
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // The program's own registrations are asked for a new chain every few minutes, and may throw anything.
            return new Answer(LocalErrors.ToError(LocalErrors.NotSent, message: error.Message), default);
        }

        var answer = await handler.AskAsync(method, uri, cancellationToken).ConfigureAwait(false);
        GC.KeepAlive(chain);
        return answer;
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
