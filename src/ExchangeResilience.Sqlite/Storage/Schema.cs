using System.Globalization;
using Microsoft.Data.Sqlite;

namespace ExchangeResilience.Sqlite;

/// <summary>The tables of a journal, and the way to them from any earlier version. The version of a file is its <c>user_version</c>, and is the number of migrations it has seen.</summary>
internal sealed class Schema(IReadOnlyList<string> migrations)
{
    /// <summary>Marks a file as a journal, so that no other program's database is taken for one.</summary>
    public const int ApplicationId = 0x4F524A4C;

    // The names of states, kinds and lanes are stored, not their numbers. Only finished entries have a finished_at.
    private const string Version1 = """
        CREATE TABLE entries (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            environment TEXT NOT NULL,
            account TEXT NOT NULL,
            symbol TEXT NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            run TEXT NOT NULL,
            state TEXT NOT NULL,
            finished_at INTEGER,
            document BLOB NOT NULL
        ) STRICT;
        CREATE INDEX entries_by_key ON entries (name, symbol, kind, account, environment);
        CREATE INDEX entries_finished ON entries (finished_at) WHERE finished_at IS NOT NULL;
        CREATE INDEX entries_unfinished ON entries (seq) WHERE finished_at IS NULL;
        CREATE TABLE holds (
            environment TEXT NOT NULL,
            lane TEXT NOT NULL,
            scope TEXT NOT NULL,
            code INTEGER NOT NULL,
            until_exchange_ms INTEGER NOT NULL,
            until_ms INTEGER NOT NULL,
            PRIMARY KEY (environment, lane, scope)
        ) STRICT, WITHOUT ROWID;
        """;

    // Whose the orders of a name are the core decides, newest first; no setting belongs to the name.
    private const string Version2 = """
        DROP INDEX entries_by_key;
        CREATE INDEX entries_by_name ON entries (name, symbol, kind);
        """;

    // The end of a hold by the machine's uptime, and the boot that the uptime counts from.
    private const string Version3 = """
        ALTER TABLE holds ADD COLUMN until_uptime_ms INTEGER;
        ALTER TABLE holds ADD COLUMN boot TEXT;
        """;

    /// <summary>The version since which holds have an end by the uptime.</summary>
    public const int FirstWithUptimes = 3;

    /// <summary>The library's own: only ever added to, since files of every version are about.</summary>
    public static Schema Current { get; } = new([Version1, Version2, Version3]);

    /// <summary>The version this library writes.</summary>
    public int Version => migrations.Count;

    /// <summary>Whether the file is a journal of this version; to be asked within a transaction.</summary>
    /// <exception cref="JournalException">It is no journal, or a newer library's.</exception>
    public bool IsCurrent(SqliteConnection connection)
    {
        var (version, application) = (Number(connection, "PRAGMA user_version"), Number(connection, "PRAGMA application_id"));
        var isUntouched = version == 0 && application == 0 && Number(connection, "SELECT count(*) FROM sqlite_schema") == 0;
        if (!isUntouched && application != ApplicationId)
        {
            throw JournalFailures.NotAJournal(connection.DataSource);
        }

        if (version > Version)
        {
            throw JournalFailures.Newer(connection.DataSource, version, Version);
        }

        return version == Version;
    }

    /// <summary>A journal's version, whichever library made it; 0 where the file is none.</summary>
    public static long VersionOf(SqliteConnection connection) => Number(connection, "PRAGMA application_id") == ApplicationId ? Number(connection, "PRAGMA user_version") : 0;

    /// <summary>Brings the file up to date, in one transaction: another process may be about to do the same.</summary>
    public void BringUpToDate(SqliteConnection connection)
    {
        using var transaction = connection.BeginTransaction(deferred: false);
        if (!IsCurrent(connection))
        {
            for (var version = (int)Number(connection, "PRAGMA user_version"); version < Version; version++)
            {
                Run(connection, migrations[version]);
            }

            Run(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {Version};"));
        }

        transaction.Commit();
    }

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }
}
