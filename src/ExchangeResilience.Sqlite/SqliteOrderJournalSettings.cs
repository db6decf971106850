using static ExchangeResilience.SettingRow<ExchangeResilience.Sqlite.SqliteOrderJournalOptions>;

namespace ExchangeResilience.Sqlite;

/// <summary>Every setting of the journal, one row each.</summary>
internal static class SqliteOrderJournalSettings
{
    private const string PathRemedy = "name a file on a disk of this machine, such as orders.db";

    public static IReadOnlyList<SettingRow<SqliteOrderJournalOptions>> All { get; } =
    [
        Text("Path", static o => o.Path, static (o, value) => o.Path = value, FaultOfPath),
        Duration("Retention", static o => o.Retention, static (o, value) => o.Retention = value, TimeSpan.FromDays(1), TimeSpan.FromDays(365)),
        Duration("BusyTimeout", static o => o.BusyTimeout, static (o, value) => o.BusyTimeout = value, TimeSpan.Zero, TimeSpan.FromMinutes(1)),
    ];

    private static string? FaultOfPath(string key, string? path) =>
        path is null ? OptionFault.Of(key, "is missing", PathRemedy)
        : ProblemOf(path) is { } problem ? OptionFault.Of(key, path, problem, PathRemedy)
        : null;

    private static string? ProblemOf(string path) => path switch
    {
        _ when string.IsNullOrWhiteSpace(path) => "is blank",
        _ when path.Contains('\0', StringComparison.Ordinal) => "holds a character that no path has",
        _ when path.EndsWith('/') || path.EndsWith(Path.DirectorySeparatorChar) => "is a folder",

        // SQLite would take these for something else than a file, and none of it outlives the process.
        _ when path.StartsWith(':') => "is no file",
        _ when path.StartsWith("file:", StringComparison.OrdinalIgnoreCase) => "is a URI",
        _ => null,
    };
}
