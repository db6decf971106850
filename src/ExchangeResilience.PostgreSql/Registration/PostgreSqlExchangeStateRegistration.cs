using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>Registers the one shared state of a service provider, however often and through whichever client it is added.</summary>
internal static class PostgreSqlExchangeStateRegistration
{
    /// <summary>Under which the store is found among the program's health checks.</summary>
    public const string HealthCheckName = "exchange_resilience_store";

    // The connection strings themselves hold passwords.
    private const string TwoStores = "AddPostgreSqlExchangeState() was called with two databases. One state serves all clients of a service provider; keep one of them.";

    public static void Add(IServiceCollection services, string connectionString) => Add(services, options => options.ConnectionString = connectionString);

    public static void Add(IServiceCollection services, NpgsqlDataSource dataSource)
    {
        if (services.Select(static service => service.ImplementationInstance).OfType<GivenDataSource>().FirstOrDefault() is { } first)
        {
            if (!ReferenceEquals(first.Value, dataSource))
            {
                throw new InvalidOperationException(TwoStores);
            }

            return;
        }

        Add(services, static _ => { });
        services.AddSingleton(new GivenDataSource(dataSource));
    }

    public static void Add(IServiceCollection services, IConfigurationSection section) =>
        Add(services, options => SettingSection.Read(section, options, PostgreSqlExchangeStateSettings.All, "write ConnectionString there", showsValues: false));

    public static void Add(IServiceCollection services, Action<PostgreSqlExchangeStateOptions> configure)
    {
        if (services.Any(static service => service.ServiceType == typeof(IOrderJournal)) && !services.Any(static service => service.ServiceType == typeof(PostgreSqlJournal)))
        {
            throw new InvalidOperationException(
                "AddPostgreSqlExchangeState() was called where another order journal is registered. One journal serves all clients of a service provider; keep one of them.");
        }

        services.AddOptions<PostgreSqlExchangeStateOptions>().Configure(options => ConfigureOneStore(options, configure)).ValidateOnStart();
        if (services.Any(static service => service.ServiceType == typeof(PostgreSqlJournal)))
        {
            return;
        }

        services.AddLogging();
        services.TryAddSingleton<HostLoggers>();
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IValidateOptions<PostgreSqlExchangeStateOptions>>(static provider => new PostgreSqlExchangeStateOptionsValidator(provider.GetService<GivenDataSource>()));
        services.AddSingleton(static provider => new PostgreSqlJournal(
            provider.GetRequiredService<IOptions<PostgreSqlExchangeStateOptions>>().Value,
            provider.GetService<GivenDataSource>()?.Value,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetService<RandomSource>() ?? new RandomSource(new Random()),
            HostLoggers.For<PostgreSqlJournal>(provider)));
        services.AddSingleton<IOrderJournal>(static provider => provider.GetRequiredService<PostgreSqlJournal>());
        services.AddSingleton<ISharedOrderJournal>(static provider => provider.GetRequiredService<PostgreSqlJournal>());
        services.AddSingleton<ISharedBudget>(static provider => provider.GetRequiredService<PostgreSqlJournal>().Budget);
        services.AddHealthChecks().Add(new HealthCheckRegistration(
            HealthCheckName, static provider => new StoreHealthCheck(provider.GetRequiredService<PostgreSqlJournal>()), failureStatus: null, tags: null));
    }

    // Settings made in code show their database only when they are run.
    private static void ConfigureOneStore(PostgreSqlExchangeStateOptions options, Action<PostgreSqlExchangeStateOptions> configure)
    {
        var before = options.ConnectionString;
        configure(options);
        if (before is not null && !string.Equals(before, options.ConnectionString, StringComparison.Ordinal))
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(PostgreSqlExchangeStateOptions), [TwoStores]);
        }
    }
}
