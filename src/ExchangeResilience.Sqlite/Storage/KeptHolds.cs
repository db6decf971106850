using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace ExchangeResilience.Sqlite;

/// <summary>Reads the holds of a file that perhaps cannot be written, and changes nothing in it. A run that does not know them would send into a ban.</summary>
internal static class KeptHolds
{
    // A reader waits only for an exclusive lock of another process, and requests do not wait long for the holds.
    private const int BusyMs = 100;

    private const int NoCheckpointOnClose = 1006;

    // Each needs less of the disk or of other programs than the one before it.
    private static readonly Func<string, SqliteConnection>[] Ways = [OpenBesideOthers, OpenAlone, OpenAsItLies];

    /// <exception cref="JournalException">They cannot be read in any way.</exception>
    public static IReadOnlyList<JournalHold> Read(string path)
    {
        path = Path.GetFullPath(path);
        if (!File.Exists(path))
        {
            return [];
        }

        SqliteException? first = null;
        foreach (var open in Ways)
        {
            try
            {
                using var connection = open(path);
                return Read(connection);
            }
            catch (SqliteException failure)
            {
                first ??= failure;
            }
        }

        throw JournalFailures.Of(path, TimeSpan.FromMilliseconds(BusyMs), first!);
    }

    private static List<JournalHold> Read(SqliteConnection connection)
    {
        // A lock of another process fails this one statement, so that not each query waits for it.
        sqlite3_busy_timeout(connection.Handle!, BusyMs);
        Run(connection, "BEGIN; SELECT count(*) FROM sqlite_schema");
        if (Schema.VersionOf(connection) is not (> 0 and var version))
        {
            return [];
        }

        using var statement = new Statement(connection, version < Schema.FirstWithUptimes ? HoldRows.SelectWithoutUptimes : HoldRows.Select);
        using var rows = statement.Read();
        return HoldRows.Read(rows);
    }

    private static SqliteConnection OpenBesideOthers(string path) => Open(path, SqliteOpenMode.ReadOnly);

    // Where the disk has no room for the memory that processes share, a crash may have left the newest holds in the write-ahead log. A process that has the file to itself needs no such memory.
    private static SqliteConnection OpenAlone(string path)
    {
        var connection = Open(path, SqliteOpenMode.ReadWrite);
        try
        {
            SqliteException.ThrowExceptionForRC(sqlite3_db_config(connection.Handle!, NoCheckpointOnClose, 1, out _), connection.Handle);
            Run(connection, "PRAGMA locking_mode = EXCLUSIVE");
            return connection;
        }
        catch (SqliteException)
        {
            connection.Dispose();
            throw;
        }
    }

    // Neither locks nor the write-ahead log: what has not come into the file yet is missed.
    private static SqliteConnection OpenAsItLies(string path) => Open(new Uri(path).AbsoluteUri + "?immutable=1", SqliteOpenMode.ReadOnly);

    private static SqliteConnection Open(string source, SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = source, Mode = mode, Pooling = false, DefaultTimeout = 1 }.ConnectionString);
        try
        {
            connection.Open();
            return connection;
        }
        catch (SqliteException)
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Run(SqliteConnection connection, string sql) => SqliteException.ThrowExceptionForRC(sqlite3_exec(connection.Handle!, sql), connection.Handle);
}
