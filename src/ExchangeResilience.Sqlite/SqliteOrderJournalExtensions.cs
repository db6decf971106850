using ExchangeResilience.Sqlite;
using Microsoft.Extensions.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a durable order journal in one SQLite file, which serves all clients of the service provider.</summary>
public static class SqliteOrderJournalExtensions
{
    /// <summary>Adds the journal on its defaults.</summary>
    /// <param name="services">The services.</param>
    /// <param name="path">The file, on a disk of this machine.</param>
    /// <exception cref="InvalidOperationException">Another path, or another kind of journal, is registered already.</exception>
    public static IServiceCollection AddSqliteOrderJournal(this IServiceCollection services, string path)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(path);
        SqliteOrderJournalRegistration.Add(services, path);
        return services;
    }

    /// <summary>Adds the journal set in code.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the path, and changes the defaults.</param>
    /// <exception cref="InvalidOperationException">Another kind of journal is registered already.</exception>
    public static IServiceCollection AddSqliteOrderJournal(this IServiceCollection services, Action<SqliteOrderJournalOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        SqliteOrderJournalRegistration.Add(services, configure);
        return services;
    }

    /// <summary>Adds the journal set by configuration, which is read once.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">The section that holds <c>Path</c>, and <c>Retention</c> and <c>BusyTimeout</c> where they are to differ from the defaults.</param>
    /// <exception cref="InvalidOperationException">Another kind of journal is registered already.</exception>
    public static IServiceCollection AddSqliteOrderJournal(this IServiceCollection services, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(section);
        SqliteOrderJournalRegistration.Add(services, section);
        return services;
    }
}
