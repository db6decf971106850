using Microsoft.Extensions.Options;

namespace ExchangeResilience.Sqlite;

/// <summary>Refuses settings that cannot work, naming every fault.</summary>
internal sealed class SqliteOrderJournalOptionsValidator : IValidateOptions<SqliteOrderJournalOptions>
{
    private const string PathRemedy = "name a file on a disk of this machine, such as orders.db";
    private static readonly TimeSpan MinRetention = TimeSpan.FromDays(1);
    private static readonly TimeSpan MaxRetention = TimeSpan.FromDays(365);
    private static readonly TimeSpan MaxBusyTimeout = TimeSpan.FromMinutes(1);

    public ValidateOptionsResult Validate(string? name, SqliteOrderJournalOptions options)
    {
        var faults = Faults(options).ToList();
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }

    private static IEnumerable<string> Faults(SqliteOrderJournalOptions options)
    {
        if (PathFault(options.Path) is { } problem)
        {
            yield return options.Path is { } path
                ? OptionFault.Of(nameof(options.Path), path, problem, PathRemedy)
                : OptionFault.Of(nameof(options.Path), problem, PathRemedy);
        }

        if (options.Retention < MinRetention || options.Retention > MaxRetention)
        {
            yield return OptionFault.OutOfRange(nameof(options.Retention), options.Retention, MinRetention, MaxRetention);
        }

        if (options.BusyTimeout < TimeSpan.Zero || options.BusyTimeout > MaxBusyTimeout)
        {
            yield return OptionFault.OutOfRange(nameof(options.BusyTimeout), options.BusyTimeout, TimeSpan.Zero, MaxBusyTimeout);
        }
    }

    private static string? PathFault(string? path) => path switch
    {
        null => "is missing",
        _ when string.IsNullOrWhiteSpace(path) => "is blank",
        _ when path.Contains('\0', StringComparison.Ordinal) => "holds a character that no path has",
        _ when path.EndsWith('/') || path.EndsWith(Path.DirectorySeparatorChar) => "is a folder",

        // SQLite would take these for something else than a file, and none of it outlives the process.
        _ when path.StartsWith(':') => "is no file",
        _ when path.StartsWith("file:", StringComparison.OrdinalIgnoreCase) => "is a URI",
        _ => null,
    };
}
