using ExchangeResilience.PostgreSql;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the state that the processes of a fleet share in a PostgreSQL database: the order journal and the holds. It serves all clients of the service provider.</summary>
public static class PostgreSqlExchangeStateExtensions
{
    /// <summary>Adds the shared state on its defaults.</summary>
    /// <param name="services">The services.</param>
    /// <param name="connectionString">The database, as Npgsql reads it.</param>
    /// <exception cref="InvalidOperationException">Another connection string, or another journal, is registered already.</exception>
    public static IServiceCollection AddPostgreSqlExchangeState(this IServiceCollection services, string connectionString)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(connectionString);
        PostgreSqlExchangeStateRegistration.Add(services, connectionString);
        return services;
    }

    /// <summary>Adds the shared state in a database that the program has configured itself, and disposes itself.</summary>
    /// <param name="services">The services.</param>
    /// <param name="dataSource">The database.</param>
    /// <exception cref="InvalidOperationException">Another journal is registered already.</exception>
    public static IServiceCollection AddPostgreSqlExchangeState(this IServiceCollection services, NpgsqlDataSource dataSource)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(dataSource);
        PostgreSqlExchangeStateRegistration.Add(services, dataSource);
        return services;
    }

    /// <summary>Adds the shared state set in code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the connection string, and changes the defaults.</param>
    /// <exception cref="InvalidOperationException">Another journal is registered already.</exception>
    public static IServiceCollection AddPostgreSqlExchangeState(this IServiceCollection services, Action<PostgreSqlExchangeStateOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        PostgreSqlExchangeStateRegistration.Add(services, configure);
        return services;
    }

    /// <summary>Adds the shared state set by configuration, which is read once.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section that holds <c>ConnectionString</c>, and other settings where they are to differ from the defaults.</param>
    /// <exception cref="InvalidOperationException">Another journal is registered already.</exception>
    public static IServiceCollection AddPostgreSqlExchangeState(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        PostgreSqlExchangeStateRegistration.Add(services, section);
        return services;
    }
}
