using Microsoft.Data.Sqlite;

namespace ExchangeResilience.Sqlite;

/// <summary>
/// Makes the file of a new journal under another name, whole, and gives it its own in one step: no other process ever sees a part of it, and an empty file is one that was cut off.
/// </summary>
internal static class NewFile
{
    /// <exception cref="JournalException">It cannot be made, or the log of an earlier one lies beside it.</exception>
    public static void Make(string path, Schema schema)
    {
        if (Directory.Exists(path))
        {
            throw JournalFailures.IsFolder(path);
        }

        var log = new FileInfo(path + "-wal");
        if (log is { Exists: true, Length: > 0 })
        {
            throw JournalFailures.WithoutItsFile(path);
        }

        var draft = $"{path}.new-{Guid.NewGuid():N}";
        try
        {
            // Its rights are set as it is made, so that there is no moment in which others may read it.
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            var folder = Path.GetDirectoryName(path)!;
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            new FileStream(draft, options).Dispose();
            using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = draft, Mode = SqliteOpenMode.ReadWrite, Pooling = false }.ConnectionString))
            {
                connection.Open();
                schema.BringUpToDate(connection);
            }

            File.Move(draft, path, overwrite: false);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Remove(draft);

            // Another process may have made it meanwhile.
            if (!File.Exists(path))
            {
                throw JournalFailures.NoFolder(path, failure);
            }
        }
        catch (SqliteException)
        {
            Remove(draft);
            throw;
        }
    }

    private static void Remove(string draft)
    {
        if (File.Exists(draft))
        {
            File.Delete(draft);
        }
    }
}
