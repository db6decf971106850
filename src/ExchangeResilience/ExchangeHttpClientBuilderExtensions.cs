using ExchangeResilience;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds exchange error handling and signing to a named or typed <see cref="HttpClient"/>.</summary>
public static class ExchangeHttpClientBuilderExtensions
{
    // What HttpClient has by default.
    private static readonly TimeSpan UntouchedTimeout = TimeSpan.FromSeconds(100);

    // What HttpClient keeps in memory by default, and what it keeps here: exchangeInfo, the longest reply of the venue, has some 1 MiB.
    private const long UntouchedBuffer = int.MaxValue;
    private const long LongestReply = 64 * 1024 * 1024;

    /// <summary>Adds exchange error handling on its defaults.</summary>
    /// <param name="builder">The client.</param>
    /// <returns>The client.</returns>
    /// <exception cref="InvalidOperationException">The client already has exchange error handling.</exception>
    public static IHttpClientBuilder AddExchangeErrorHandling(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddHandling(static (services, name) => ErrorHandlingOptionsRegistration.Add(services, name));
    }

    /// <summary>Adds exchange error handling set by configuration, which takes effect without a restart whenever it changes.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="section">The section that holds the settings, for example <c>ExchangeErrorHandling</c>.</param>
    /// <returns>The client.</returns>
    /// <exception cref="InvalidOperationException">The client already has exchange error handling.</exception>
    public static IHttpClientBuilder AddExchangeErrorHandling(this IHttpClientBuilder builder, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(section);
        return builder.AddHandling((services, name) => ErrorHandlingOptionsRegistration.Add(services, name, section));
    }

    /// <summary>Adds exchange error handling set in code.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Changes the defaults.</param>
    /// <returns>The client.</returns>
    /// <exception cref="InvalidOperationException">The client already has exchange error handling.</exception>
    public static IHttpClientBuilder AddExchangeErrorHandling(this IHttpClientBuilder builder, Action<ExchangeErrorHandlingOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddHandling((services, name) => ErrorHandlingOptionsRegistration.Add(services, name, configure));
    }

    /// <summary>
    /// Changes the client's error handling settings in code, after its section and after what <c>AddExchangeErrorHandling(configure)</c> set, wherever it is called; of several calls the
    /// last wins. It is run again whenever the section changes.
    /// </summary>
    /// <param name="builder">The client, which has <c>AddExchangeErrorHandling</c> too; without it the program is refused at its start.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>The client.</returns>
    public static IHttpClientBuilder ConfigureExchangeErrorHandling(this IHttpClientBuilder builder, Action<ExchangeErrorHandlingOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.Change((services, name) => ErrorHandlingOptionsRegistration.Change(services, name, configure));
    }

    /// <summary>
    /// Changes the client's error handling settings by another section of the configuration, which takes effect without a restart whenever it changes: one client's differences from a section that several
    /// share. What it leaves out stays as it was. It holds over the section and code of <c>AddExchangeErrorHandling</c>, wherever it is called; of several <c>ConfigureExchangeErrorHandling</c> the later wins.
    /// </summary>
    /// <param name="builder">The client, which has <c>AddExchangeErrorHandling</c> too; without it the program is refused at its start.</param>
    /// <param name="section">The section, for example <c>ExchangeErrorHandling:Futures</c> of a file of your own. It must hold something.</param>
    /// <returns>The client.</returns>
    public static IHttpClientBuilder ConfigureExchangeErrorHandling(this IHttpClientBuilder builder, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return builder.Change((services, name) => ErrorHandlingOptionsRegistration.Change(services, name, section));
    }

    /// <summary>
    /// Takes exchange error handling and signing off the client again, with their settings: its requests then leave as they are. For a client that a library or a shared method has
    /// registered; both can be added again afterwards.
    /// </summary>
    /// <param name="builder">The client.</param>
    /// <returns>The client.</returns>
    public static IHttpClientBuilder RemoveAllExchangeHandlers(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ClientRegistration.Remove(builder.Services, NameOf(builder));
        return builder;
    }

    /// <summary>Signs the client's requests with keys from configuration: <c>ApiKey</c> with <c>Secret</c>, <c>PrivateKeyPem</c> or <c>PrivateKeyPath</c>. They are followed while the program runs.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="section">The section that holds the keys, for example <c>ExchangeSigning</c>.</param>
    /// <returns>The client.</returns>
    /// <exception cref="InvalidOperationException">The client already signs.</exception>
    public static IHttpClientBuilder AddExchangeSigning(this IHttpClientBuilder builder, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(section);
        return builder.AddSigning((services, name) => SigningRegistration.Add(services, name, section));
    }

    /// <summary>Signs the client's requests with keys set in code.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Sets the keys.</param>
    /// <returns>The client.</returns>
    /// <exception cref="InvalidOperationException">The client already signs.</exception>
    public static IHttpClientBuilder AddExchangeSigning(this IHttpClientBuilder builder, Action<ExchangeSigningOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddSigning((services, name) => SigningRegistration.Add(services, name, configure));
    }

    private static IHttpClientBuilder AddSigning(this IHttpClientBuilder builder, Action<IServiceCollection, string> add)
    {
        var name = NameOf(builder);
        builder.AddShared();
        ClientRegistration.Note(builder.Services, name, services => add(services, name));
        return builder;
    }

    private static IHttpClientBuilder Change(this IHttpClientBuilder builder, Action<IServiceCollection, string> change)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = NameOf(builder);

        // With its check at the start, also where no client has error handling: then these settings do nothing.
        builder.AddShared();
        ClientRegistration.Note(builder.Services, name, services => change(services, name));
        return builder;
    }

    private static IHttpClientBuilder AddHandling(this IHttpClientBuilder builder, Action<IServiceCollection, string> addOptions)
    {
        var name = NameOf(builder);
        if (builder.Services.Any(service => service.ImplementationInstance is ErrorHandlingClient client && string.Equals(client.Name, name, StringComparison.Ordinal)))
        {
            throw new InvalidOperationException($"AddExchangeErrorHandling() was called twice on the client '{name}'. Two of them would multiply attempts; keep one of the calls.");
        }

        builder.AddShared();
        ClientRegistration.Note(builder.Services, name, services =>
        {
            addOptions(services, name);
            builder.AddHandler(name);
        });
        return builder;
    }

    private static void AddHandler(this IHttpClientBuilder builder, string name)
    {
        builder.AddHttpMessageHandler(services => new ExchangeErrorHandler(services.GetRequiredService<ExchangeClients>().For(name), services.GetRequiredService<JournalRecovery>()));

        // After everything else that configures the client, wherever it was registered.
        builder.Services.AddTransient<IPostConfigureOptions<HttpClientFactoryOptions>>(services => new PostConfigureOptions<HttpClientFactoryOptions>(
            name, options => options.HttpClientActions.Add(client =>
            {
                services.GetRequiredService<ExchangeClients>().For(name).Note(client);
                LeaveTimeToRecover(services, name, client);
                BoundReplies(client);
            })));
    }

    private static IHttpClientBuilder AddShared(this IHttpClientBuilder builder)
    {
        var services = builder.Services;
        services.AddLogging();
        services.AddMetrics();
        services.TryAddSingleton<HostLoggers>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static _ => new RandomSource(new Random()));
        services.TryAddSingleton(static provider => new GateRegistry(
            provider.GetRequiredService<TimeProvider>(), new Random(), BudgetOf(provider), provider.GetRequiredService<ExchangeClocks>(), provider.GetRequiredService<HostLoggers>().CreateLogger("ExchangeResilience")));
        services.TryAddSingleton<ExchangeClocks>();
        services.TryAddSingleton(static provider => new ClaimJournal(
            JournalOf(provider), provider.GetService<ISharedOrderJournal>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<RandomSource>(), HostLoggers.For<ClaimJournal>(provider)));
        services.TryAddSingleton<ClaimTable>();
        services.TryAddSingleton<AccountBook>();
        services.TryAddSingleton<AccountCodes>();
        services.TryAddSingleton<ExchangeMetrics>();
        services.TryAddSingleton<ContradictedAbsences>();
        services.TryAddSingleton(HostLoggers.Give<InDoubtEvents>);
        services.TryAddSingleton<IInDoubtOrders>(HostLoggers.Give<InDoubtOrders>);
        services.TryAddSingleton<IInternalRequestSender, ClientRequestSender>();
        services.TryAddSingleton(HostLoggers.Give<Reconciler>);
        services.TryAddSingleton(static provider => ActivatorUtilities.CreateInstance<ExchangeServices>(provider, provider.GetRequiredService<HostLoggers>()));
        services.TryAddSingleton<ExchangeStatus>();
        services.TryAddSingleton<IExchangeMonitor>(static provider => provider.GetRequiredService<ExchangeStatus>());
        services.TryAddSingleton<ITradingHalt>(static provider => provider.GetRequiredService<ExchangeServices>().Halt);
        services.TryAddSingleton<TrustInUse>();
        services.TryAddSingleton<SettingsInUse>();
        services.TryAddSingleton(HostLoggers.Give<ClientSettingsRegistry>);
        services.TryAddSingleton<SigningRegistry>();
        services.TryAddSingleton<IReceiveWindows>(static provider => provider.GetRequiredService<SigningRegistry>());
        services.TryAddSingleton<IExchangePolicies, ExchangePolicies>();
        services.TryAddSingleton<ExchangeClients>();
        services.TryAddSingleton(HostLoggers.Give<OrphanTakeover>);
        services.TryAddSingleton(HostLoggers.Give<FleetFollower>);
        services.TryAddSingleton(HostLoggers.Give<JournalRecovery>);
        if (!services.Any(static service => service.ImplementationType == typeof(HandlerOrderFilter)))
        {
            // First among the filters is last to change the handlers, and so sees what all others added.
            services.Insert(0, ServiceDescriptor.Singleton<IHttpMessageHandlerBuilderFilter, HandlerOrderFilter>());
        }

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SettingsStartupCheck>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, HandlerWarmup>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, JournalRecoveryService>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, EndOfRun>());
        return builder;
    }

    private static MeasuredJournal? JournalOf(IServiceProvider services) => services.GetService<IOrderJournal>() is { } journal
        ? new MeasuredJournal(journal, services.GetRequiredService<TimeProvider>(), services.GetRequiredService<ExchangeMetrics>())
        : null;

    private static FleetBudget? BudgetOf(IServiceProvider services) => services.GetService<ISharedBudget>() is { } store
        ? new FleetBudget(store, services.GetRequiredService<TimeProvider>(), HostLoggers.For<GateRegistry>(services))
        : null;

    // ConfigureHttpClientDefaults hands out a builder without a name, and settings, keys and claims belong to one client.
    private static string NameOf(IHttpClientBuilder builder) =>
        builder.Name ?? throw new NotSupportedException("Exchange error handling and signing belong to one client each. Call them on AddHttpClient(...), not on ConfigureHttpClientDefaults(...).");

    // HttpClient.Timeout spans all attempts and waits, so it may only be a backstop.
    private static void LeaveTimeToRecover(IServiceProvider services, string name, HttpClient client)
    {
        var exchange = services.GetRequiredService<ExchangeClients>().For(name);
        var options = exchange.Settings.Current.Options;
        if (client.Timeout == UntouchedTimeout)
        {
            client.Timeout = options.TotalTimeout + options.AttemptTimeout;
        }
        else if (client.Timeout != Timeout.InfiniteTimeSpan && client.Timeout < options.TotalTimeout)
        {
            Log.TimeoutTooShort(exchange.Services.Logger, name, client.Timeout, options.TotalTimeout);
        }
    }

    // A query's 200 passes unread, so what bounds it is the caller's HttpClient: by default at 2 GiB, which one reply without end would fill.
    private static void BoundReplies(HttpClient client)
    {
        if (client.MaxResponseContentBufferSize == UntouchedBuffer)
        {
            client.MaxResponseContentBufferSize = LongestReply;
        }
    }
}
