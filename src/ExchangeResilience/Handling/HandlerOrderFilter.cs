using Microsoft.Extensions.Http;
using Microsoft.Extensions.Http.Logging;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>
/// Puts the handlers of a protected client in the only order that keeps its promises: orders get their ids before any handler could clone them, signing is next to the
/// wire, in whatever order the registrations were made, there are no automatic redirects (a 307 would carry key and signed body to another host), and nothing is
/// in between that might send a request twice unseen, the transport itself included.
/// </summary>
internal sealed class HandlerOrderFilter(ClientSettingsRegistry settings, SigningRegistry signing, TrustInUse trust, IServiceProvider services) : IHttpMessageHandlerBuilderFilter
{
    // What SocketsHttpHandler has by default is no limit at all, and an order would wait for its connection as long as for its reply.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

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
        var name = builder.Name ?? "";
        MakeInner(name, next, builder);
        var handlers = builder.AdditionalHandlers;
        if (signing.OptionsOf(name) is { } signs)
        {
            RefuseAlone(name);
            handlers.Add(MakeSigning(Clients.For(name), signs.RecvWindow));
            Guard(name, builder);
        }

        if (settings.Names.Contains(name, StringComparer.Ordinal))
        {
            ShelterFromLoggers(name, handlers);
            handlers.Insert(0, new OuterHandler(Clients.For(name)));
            Guard(name, builder);
            RefuseUntrusted(name, handlers, builder.PrimaryHandler, settings.For(name).Current.Options);
        }
    };

    /// <summary>The factory's own filter sets the meters of a primary handler that has none, and throws where it cannot, without saying whose.</summary>
    private void MakeInner(string name, Action<HttpMessageHandlerBuilder> next, HttpMessageHandlerBuilder builder)
    {
        try
        {
            next(builder);
        }
        catch (InvalidOperationException) when (settings.Names.Contains(name, StringComparer.Ordinal) && Chain(builder.PrimaryHandler).Last() is SocketsHttpHandler { MeterFactory: null } or HttpClientHandler { MeterFactory: null })
        {
            RefuseStarted(name, Chain(builder.PrimaryHandler).Last(), "the client factory cannot give its MeterFactory to", "Let the factory have it before its first request, or set MeterFactory");
            throw;
        }
    }

    private void RefuseAlone(string name)
    {
        if (!settings.Names.Contains(name, StringComparer.Ordinal))
        {
            throw new InvalidOperationException(
                $"The client '{name}' signs its requests and has no exchange error handling: nothing would keep it from a ban, from sending an order twice, or from trading after a stop. " +
                $"Add AddExchangeErrorHandling() to it; with Mode set to Observe that changes nothing of what is sent.");
        }
    }

    private static ExchangeSigningHandler MakeSigning(ExchangeClient client, TimeSpan recvWindow) => new(
        () => client.Credentials,
        recvWindow,
        client.ClockOf,
        (method, target) => client.Settings.Current.Endpoints.Find(method, target).Security);

    /// <summary>The client factory's own logging surrounds every order; over our loggers it can neither lose nor delay one.</summary>
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

    private static void Guard(string name, HttpMessageHandlerBuilder builder)
    {
        var primary = builder.PrimaryHandler;
        if (builder.AdditionalHandlers is not [.., SendOnceHandler])
        {
            builder.AdditionalHandlers.Add(new SendOnceHandler(IsPlatforms(primary)));
        }

        switch (Chain(primary).Last())
        {
            case SocketsHttpHandler sockets:
                if (sockets.AllowAutoRedirect)
                {
                    RefuseStarted(name, sockets, "follows redirects, which would carry key and signed body to another host", "Set AllowAutoRedirect = false");
                    sockets.AllowAutoRedirect = false;
                }

                if (sockets.ConnectTimeout == Timeout.InfiniteTimeSpan && !HasStarted(sockets))
                {
                    sockets.ConnectTimeout = ConnectTimeout;
                }

                break;
            case HttpClientHandler { AllowAutoRedirect: true } older:
                RefuseStarted(name, older, "follows redirects, which would carry key and signed body to another host", "Set AllowAutoRedirect = false");
                older.AllowAutoRedirect = false;
                break;
        }
    }

    // A handler of another type may send a request without asking for its content, and the platforms of phones do.
    private static bool IsPlatforms(HttpMessageHandler primary) =>
        primary is SocketsHttpHandler
        || (primary.GetType() == typeof(HttpClientHandler) && (OperatingSystem.IsLinux() || OperatingSystem.IsWindows() || OperatingSystem.IsMacOS()));

    private static void RefuseStarted(string name, HttpMessageHandler transport, string fault, string remedy)
    {
        if (HasStarted(transport))
        {
            throw new InvalidOperationException(
                $"The client '{name}' has a primary handler that {fault}, and since it has sent requests already nothing can be set on it any more. {remedy} on the {transport.GetType().Name} where it is made.");
        }
    }

    /// <summary>Whether it has sent requests already, for another client or an earlier chain.</summary>
    private static bool HasStarted(HttpMessageHandler transport)
    {
        try
        {
            switch (transport)
            {
                case SocketsHttpHandler sockets:
                    var follows = sockets.AllowAutoRedirect;
                    sockets.AllowAutoRedirect = follows;
                    break;
                case HttpClientHandler older:
                    follows = older.AllowAutoRedirect;
                    older.AllowAutoRedirect = follows;
                    break;
            }

            return false;
        }
        catch (InvalidOperationException error) when (error is not ObjectDisposedException)
        {
            return true;
        }
    }

    private void RefuseUntrusted(string name, IList<DelegatingHandler> handlers, HttpMessageHandler primary, ExchangeErrorHandlingOptions options)
    {
        var ours = handlers.ToList().FindLastIndex(static handler => handler is ExchangeErrorHandler);
        if (ours < 0)
        {
            throw new InvalidOperationException($"The client '{name}' has lost its exchange error handling: something removed it from the handlers after AddExchangeErrorHandling().");
        }

        List<string> below =
        [
            .. handlers.Skip(ours + 1).Concat<HttpMessageHandler>(Chain(primary)).Where(static handler => handler is DelegatingHandler and not (ExchangeSigningHandler or SendOnceHandler))
                .Select(static handler => handler.GetType().FullName!).Where(static type => !Harmless.Contains(type)),
        ];
        if (below.Find(type => !options.TrustedInnerHandlers.Contains(type, StringComparer.Ordinal)) is { } stranger)
        {
            throw new InvalidOperationException(
                $"The client '{name}' has {stranger} between exchange error handling and the wire, where it could send an order again unseen. " +
                $"Register it before AddExchangeErrorHandling(); where a library adds it, move it to the front of the handlers with ConfigureAdditionalHttpMessageHandlers(...); or, if it never sends a request twice, name it in TrustedInnerHandlers.");
        }

        if (below.Count > 0 && signing.OptionsOf(name) is null && options is { Account: null, Mode: HandlingMode.Enforce })
        {
            throw new InvalidOperationException(
                $"The client '{name}' may be signed by {below[0]}, below exchange error handling, where nothing shows whose account an order is for: two accounts could be taken for one. " +
                $"Name the account in Account, by any name you choose, or sign with AddExchangeSigning().");
        }

        trust.Note(name, below);
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
