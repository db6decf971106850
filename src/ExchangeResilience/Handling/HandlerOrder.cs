using Microsoft.Extensions.Http;
using Microsoft.Extensions.Http.Logging;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>
/// Puts the handlers of a protected client in the only order that keeps its promises: orders are named before anybody could clone them, signing stands next to the
/// wire whatever order the registrations were made in, there are no automatic redirects (a 307 would carry key and signed body to another host), and nothing stands
/// in between that might send a request twice unseen.
/// </summary>
internal sealed class HandlerOrder(ClientSettingsRegistry settings, SigningRegistry signing, IServiceProvider services) : IHttpMessageHandlerBuilderFilter
{
    // The client factory's own logging passes each request on exactly once. The last one is internal to the factory.
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        typeof(LoggingHttpMessageHandler).FullName!,
        typeof(LoggingScopeHttpMessageHandler).FullName!,
        "Microsoft.Extensions.Http.Logging.HttpClientLoggerHandler",
    };

    // Asked for late: the clients need the factory that this filter serves.
    private ExchangeClients Clients => (ExchangeClients)services.GetService(typeof(ExchangeClients))!;

    public Action<HttpMessageHandlerBuilder> Configure(Action<HttpMessageHandlerBuilder> next) => builder =>
    {
        next(builder);
        var name = builder.Name ?? "";
        var handlers = builder.AdditionalHandlers;
        if (signing.OptionsOf(name) is { } signs)
        {
            handlers.Add(MakeSigning(Clients.For(name), signs.RecvWindow));
            RefuseRedirects(builder.PrimaryHandler);
        }

        if (settings.Names.Contains(name, StringComparer.Ordinal))
        {
            ShelterFromLoggers(name, handlers);
            handlers.Insert(0, new OuterHandler(Clients.For(name)));
            RefuseRedirects(builder.PrimaryHandler);
            RefuseUntrusted(name, handlers, builder.PrimaryHandler, settings.For(name).Current.Options.TrustedInnerHandlers);
        }
    };

    private static ExchangeSigningHandler MakeSigning(ExchangeClient client, TimeSpan recvWindow) => new(
        client.Credentials,
        recvWindow,
        client.ClockOf,
        request => client.Settings.Current.Endpoints.Find(request.Method, request.RequestUri!).Security);

    /// <summary>The client factory's own logging stands around every order; over our loggers it can neither lose nor delay one.</summary>
    private void ShelterFromLoggers(string name, IList<DelegatingHandler> handlers)
    {
        var loggers = (HostLoggers)services.GetService(typeof(HostLoggers))!;
        var options = ((IOptionsMonitor<HttpClientFactoryOptions>)services.GetService(typeof(IOptionsMonitor<HttpClientFactoryOptions>))!).Get(name);
        var category = $"System.Net.Http.HttpClient.{(name.Length == 0 ? "Default" : name)}";
        for (var index = 0; index < handlers.Count; index++)
        {
            // Theirs alone: what a program has made of one is left to it.
            handlers[index] = handlers[index] switch
            {
                LoggingScopeHttpMessageHandler scope when scope.GetType() == typeof(LoggingScopeHttpMessageHandler) => new LoggingScopeHttpMessageHandler(loggers.CreateLogger($"{category}.LogicalHandler"), options),
                LoggingHttpMessageHandler wire when wire.GetType() == typeof(LoggingHttpMessageHandler) => new LoggingHttpMessageHandler(loggers.CreateLogger($"{category}.ClientHandler"), options),
                var other => other,
            };
        }
    }

    private static void RefuseRedirects(HttpMessageHandler primary)
    {
        while (primary is DelegatingHandler { InnerHandler: { } inner })
        {
            primary = inner;
        }

        switch (primary)
        {
            case SocketsHttpHandler sockets:
                sockets.AllowAutoRedirect = false;
                break;
            case HttpClientHandler client:
                client.AllowAutoRedirect = false;
                break;
            default:
                break;
        }
    }

    private static void RefuseUntrusted(string name, IList<DelegatingHandler> handlers, HttpMessageHandler primary, IList<string> trusted)
    {
        var ours = -1;
        for (var index = 0; index < handlers.Count; index++)
        {
            if (handlers[index] is ExchangeErrorHandler)
            {
                ours = index;
            }
        }

        if (ours < 0)
        {
            throw new InvalidOperationException($"The client '{name}' has lost its exchange error handling: something removed it from the handlers after AddExchangeErrorHandling().");
        }

        var below = handlers.Skip(ours + 1).Cast<HttpMessageHandler>().Concat(Chain(primary));
        foreach (var handler in below)
        {
            var type = handler.GetType().FullName!;
            if (handler is DelegatingHandler and not ExchangeSigningHandler && !Harmless.Contains(type) && !trusted.Contains(type, StringComparer.Ordinal))
            {
                throw new InvalidOperationException(
                    $"The client '{name}' has {type} between exchange error handling and the wire, where it could send an order again unseen. " +
                    $"Register it before AddExchangeErrorHandling(), or, if it never sends a request twice, name it in TrustedInnerHandlers.");
            }
        }
    }

    private static IEnumerable<HttpMessageHandler> Chain(HttpMessageHandler handler)
    {
        yield return handler;
        while (handler is DelegatingHandler { InnerHandler: { } inner })
        {
            yield return handler = inner;
        }
    }
}
