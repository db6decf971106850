using ExchangeResilience.Testing;
using Microsoft.Data.Sqlite;

namespace ExchangeResilience.Sqlite.Tests;

/// <summary>A folder of the test's own, with the journal's file in it.</summary>
internal sealed class JournalFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("order-journal-");

    public ManualTimeProvider Time { get; } = new();

    public string Folder => _folder.FullName;

    public string File => PathOf("orders.db");

    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public SqliteOrderJournal Journal(TimeSpan? busyTimeout = null, string? path = null) =>
        new(new() { Path = path ?? File, BusyTimeout = busyTimeout ?? TimeSpan.FromSeconds(30) }, Time);

    /// <summary>Another program's connection to the file.</summary>
    public SqliteConnection Connect(string? path = null)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path ?? File, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    public object? Ask(string sql)
    {
        using var connection = Connect();
        return connection.Ask(sql);
    }

    /// <summary>The first column of what a query finds.</summary>
    public IReadOnlyList<string> List(string sql)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        var found = new List<string>();
        while (rows.Read())
        {
            found.Add(rows.GetString(0));
        }

        return found;
    }

    /// <summary>Keeps everybody else from writing until it is disposed.</summary>
    public SqliteConnection Lock()
    {
        var connection = Connect();
        connection.Ask("BEGIN IMMEDIATE");
        return connection;
    }

    public void Dispose()
    {
        // A test may have taken the right away.
        if (!OperatingSystem.IsWindows())
        {
            _folder.UnixFileMode |= UnixFileMode.UserWrite;
        }

        _folder.Delete(recursive: true);
    }
}

internal static class JournalExtensions
{
    public static async Task OpenAndCloseAsync(this SqliteOrderJournal journal)
    {
        await journal.OpenAsync(default);
        await journal.DisposeAsync();
    }

    public static object? Ask(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
