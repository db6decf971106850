using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace ExchangeResilience.Sqlite;

/// <summary>Registers the one journal of a service provider, however often and through whichever client it is added.</summary>
internal static class SqliteOrderJournalRegistration
{
    public static void Add(IServiceCollection services, string path)
    {
        if (services.Select(static service => service.ImplementationInstance).OfType<NamedPath>().FirstOrDefault(other => !IsSameFile(other.Path, path)) is { } first)
        {
            throw new InvalidOperationException(TwoPaths(first.Path, path));
        }

        Add(services, options => options.Path = path);
        services.AddSingleton(new NamedPath(path));
    }

    public static void Add(IServiceCollection services, IConfigurationSection section) =>
        Add(services, options => SettingSection.Read(section, options, SqliteOrderJournalSettings.All, "write Path there"));

    public static void Add(IServiceCollection services, Action<SqliteOrderJournalOptions> configure)
    {
        if (services.Any(static service => service.ServiceType == typeof(IOrderJournal)) && !services.Any(static service => service.ServiceType == typeof(SqliteOrderJournal)))
        {
            throw new InvalidOperationException("AddSqliteOrderJournal() was called where another order journal is registered. One journal serves all clients of a service provider; keep one of them.");
        }

        services.AddLogging();
        services.TryAddSingleton<HostLoggers>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<SqliteOrderJournalOptions>, SqliteOrderJournalOptionsValidator>());
        services.AddOptions<SqliteOrderJournalOptions>().Configure(options => ConfigureOneFile(options, configure)).ValidateOnStart();
        services.TryAddSingleton(static provider => new SqliteOrderJournal(
            provider.GetRequiredService<IOptions<SqliteOrderJournalOptions>>().Value,
            provider.GetRequiredService<TimeProvider>(),
            HostLoggers.For<SqliteOrderJournal>(provider)));
        services.TryAddSingleton<IOrderJournal>(static provider => provider.GetRequiredService<SqliteOrderJournal>());
    }

    // Settings made in code show their path only when they are run.
    private static void ConfigureOneFile(SqliteOrderJournalOptions options, Action<SqliteOrderJournalOptions> configure)
    {
        var before = options.Path;
        configure(options);
        if (!string.IsNullOrWhiteSpace(before) && !string.IsNullOrWhiteSpace(options.Path) && !IsSameFile(before, options.Path))
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(SqliteOrderJournalOptions), [TwoPaths(before, options.Path)]);
        }
    }

    private static bool IsSameFile(string one, string other) =>
        string.Equals(one, other, StringComparison.Ordinal)
        || (one.Length > 0 && other.Length > 0 && string.Equals(Path.GetFullPath(one), Path.GetFullPath(other), OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal));

    private static string TwoPaths(string one, string other) =>
        $"AddSqliteOrderJournal() was called with two paths, '{one}' and '{other}'. One journal serves all clients of a service provider; keep one of the paths.";

    private sealed record NamedPath(string Path);
}
