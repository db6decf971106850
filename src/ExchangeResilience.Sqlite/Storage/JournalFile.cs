using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using static SQLitePCL.raw;

namespace ExchangeResilience.Sqlite;

/// <summary>
/// The file, opened when it is first needed and again after it failed. Belongs to one thread. Failures are thrown as <see cref="JournalException"/>.
/// </summary>
internal sealed class JournalFile(string path, TimeSpan busyTimeout, Schema schema, ILogger logger) : IDisposable
{
    // SQLite looks less and less often whether a lock is free, every tenth of a second in the end, and next to a process that commits without a pause that came to waits of seconds.
    // It is therefore made to wait for a short while only, and is asked again.
    private const int BusySliceMs = 10;

    // A start after a crash waits for the check: 0.6 s for 200 MB of entries, read from the cache.
    private const long MostChecked = 256L * 1024 * 1024;

    private readonly string _path = Path.GetFullPath(path);
    private SqliteConnection? _connection;
    private JournalTables? _tables;
    private int _pageLimit;
    private FileIdentity? _opened;
    private bool _isSuspect;

    /// <summary>The most pages the file may have, which simulates a full disk in tests; 0 for no limit. Takes effect when the file is next opened.</summary>
    public int PageLimit
    {
        get => Volatile.Read(ref _pageLimit);
        set => Volatile.Write(ref _pageLimit, value);
    }

    /// <summary>Begins the one transaction that may write, and waits for other processes' to end.</summary>
    public JournalTables Begin()
    {
        if (_opened is { } opened)
        {
            ThrowUnlessThere(opened);
        }

        var connection = Open();
        try
        {
            var patience = (long)busyTimeout.TotalMilliseconds / BusySliceMs;
            for (var tries = 0L; ; tries++)
            {
                var result = sqlite3_exec(connection.Handle!, "BEGIN IMMEDIATE");
                if (result == SQLITE_OK)
                {
                    return _tables!;
                }

                if ((result & 0xFF) != SQLITE_BUSY || tries >= patience)
                {
                    SqliteException.ThrowExceptionForRC(result, connection.Handle);
                }
            }
        }
        catch (SqliteException failure)
        {
            throw Translate(failure);
        }
    }

    /// <summary>Ends the transaction; what it wrote is on the disk then.</summary>
    public void Commit()
    {
        try
        {
            SqliteException.ThrowExceptionForRC(sqlite3_exec(_connection!.Handle!, "COMMIT"), _connection.Handle);
        }
        catch (SqliteException failure)
        {
            throw Translate(failure);
        }
    }

    /// <summary>Undoes the transaction where there is one, and closes the file unless the failure lay in what was to be written.</summary>
    public void Abandon(JournalException reason)
    {
        if (reason.InnerException is SqliteException { SqliteErrorCode: SQLITE_CONSTRAINT or SQLITE_TOOBIG }
            && _connection is { Handle: { } handle }
            && (sqlite3_get_autocommit(handle) != 0 || sqlite3_exec(handle, "ROLLBACK") == SQLITE_OK))
        {
            return;
        }

        // Without a check, reads that meet no damaged page would go on to answer, and a lost entry would not block its order.
        _isSuspect |= reason.InnerException is SqliteException { SqliteErrorCode: SQLITE_CORRUPT };
        Dispose();
    }

    /// <summary>The exception a caller is given for SQLite's.</summary>
    public JournalException Translate(SqliteException failure) => JournalFailures.Of(_path, busyTimeout, failure);

    public JournalException Unforeseen(Exception failure) => JournalFailures.Unforeseen(_path, failure);

    public void Dispose()
    {
        _tables?.Dispose();
        _connection?.Dispose();
        (_tables, _connection) = (null, null);
    }

    private SqliteConnection Open()
    {
        if (_connection is { } open)
        {
            return open;
        }

        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Mode = SqliteOpenMode.ReadWrite,
            Pooling = false,
            DefaultTimeout = Math.Max(1, (int)Math.Ceiling(busyTimeout.TotalSeconds)),
        }.ConnectionString);
        try
        {
            var found = FindOrMake();
            connection.Open();
            ThrowUnlessThere(_opened ?? found);
            SetUp(connection);
            _tables = new JournalTables(connection);
            _opened = found;
            return _connection = connection;
        }
        catch (SqliteException failure)
        {
            connection.Dispose();
            throw Translate(failure);
        }
        catch (JournalException)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Writes to a deleted file succeed and are lost, and another file in its place knows nothing of what is in doubt, while other processes write to it. It is not taken up either:
    /// only the person who put it there knows whether it holds what was written to the first one.
    /// </summary>
    private void ThrowUnlessThere(FileIdentity identity)
    {
        if (FileStatus.Of(_path) is not { } there)
        {
            throw JournalFailures.Gone(_path);
        }

        if (there.Identity != identity)
        {
            throw JournalFailures.Replaced(_path);
        }
    }

    private FileIdentity FindOrMake()
    {
        var file = new FileInfo(_path);
        if (!file.Exists && _opened is null)
        {
            NewFile.Make(_path, schema);
            JournalLog.Made(logger, _path);
        }
        else if (file is { Exists: true, Length: 0 })
        {
            throw JournalFailures.Empty(_path);
        }

        var found = FileStatus.Of(_path) ?? throw JournalFailures.Gone(_path);
        if (found.Links > 1)
        {
            throw JournalFailures.HasTwoNames(_path);
        }

        // SQLite lays a log over whatever file it finds beside it, also one that was put there since.
        _isSuspect |= file is { Exists: true, Length: <= MostChecked } && new FileInfo(_path + "-wal") is { Exists: true, Length: > 0 };
        return found.Identity;
    }

    private void SetUp(SqliteConnection connection)
    {
        sqlite3_busy_timeout(connection.Handle!, (int)busyTimeout.TotalMilliseconds);

        // Asked first: a file that is not ours is left as it is. Within a transaction, since another process may be making it.
        bool isCurrent;
        using (connection.BeginTransaction(deferred: true))
        {
            isCurrent = schema.IsCurrent(connection);
        }

        if (Text(connection, "PRAGMA journal_mode = WAL") is var mode && mode != "wal")
        {
            throw JournalFailures.NoWriteAheadLog(_path, mode);
        }

        Text(connection, "PRAGMA synchronous = FULL");
        if (PageLimit is > 0 and var pages)
        {
            Text(connection, string.Create(CultureInfo.InvariantCulture, $"PRAGMA max_page_count = {pages}"));
        }

        if (!isCurrent)
        {
            schema.BringUpToDate(connection);
        }

        if (_isSuspect)
        {
            if (Text(connection, "PRAGMA integrity_check(1)") != "ok")
            {
                throw JournalFailures.Damaged(_path);
            }

            _isSuspect = false;
        }

        sqlite3_busy_timeout(connection.Handle!, busyTimeout == TimeSpan.Zero ? 0 : BusySliceMs);
    }

    private static string Text(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() as string ?? "";
    }
}
