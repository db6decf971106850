using Microsoft.Data.Sqlite;
using static SQLitePCL.raw;

namespace ExchangeResilience.Sqlite;

/// <summary>Says what is wrong with the file and what to do about it. It names the file with its whole path, so that the operator finds it.</summary>
internal static class JournalFailures
{
    private const string Full = "cannot be written: the disk is full. Make room; nothing else is needed.";
    private const string Keep = "Keep it, name another file and restart the program, and look up at the exchange what was in doubt.";

    // As .NET reports it: ERROR_DISK_FULL, ENOSPC.
    private static readonly int NoSpace = OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28;

    public static JournalException Of(string path, TimeSpan busyTimeout, SqliteException cause) => new(
        $"The order journal {Name(path)} " + cause.SqliteErrorCode switch
        {
            SQLITE_BUSY or SQLITE_LOCKED => $"is locked by another program for longer than BusyTimeout ({DurationText.Format(busyTimeout)}). End what holds it, a backup or an open database browser perhaps, or raise BusyTimeout.",
            SQLITE_FULL => Full,
            SQLITE_IOERR when cause.SqliteExtendedErrorCode == SQLITE_IOERR_SHMSIZE => Full,
            SQLITE_READONLY or SQLITE_PERM or SQLITE_AUTH => "cannot be written: it is read-only. Give the program's user write permission on the file and on its folder.",
            SQLITE_CANTOPEN => "cannot be opened. Give the program's user write permission on the file and on its folder.",
            SQLITE_NOTADB => "is not an order journal. Name another file; this one was left as it is.",
            SQLITE_CORRUPT => $"is damaged. {Keep}",
            SQLITE_IOERR => "cannot be read or written: the disk failed. Look at the system's log; nothing else is needed once the disk works.",
            _ => $"refused an entry (SQLite error {cause.SqliteExtendedErrorCode}).",
        },
        cause);

    public static JournalException IsFolder(string path) => new($"The order journal {Name(path)} is a folder. Name a file.");

    public static JournalException NoFolder(string path, Exception cause) => new(
        $"The order journal {Name(path)} " + (cause is IOException && cause.HResult == NoSpace ? Full : "cannot be made in its folder. Give the program's user write permission there, or name another path."), cause);

    public static JournalException Damaged(string path) => new($"The order journal {Name(path)} is damaged. {Keep}");

    public static JournalException Empty(string path) => new(
        $"The order journal {Name(path)} is empty: something has cut it off. Stop the program, put a copy in its place and look up at the exchange what was in doubt; where it is to be a new journal, delete it.");

    public static JournalException WithoutItsFile(string path) => new(
        $"The order journal {Name(path)} is gone, and its write-ahead log {Name(path)}-wal is there, with orders that only the two together can show. Put the file back; for a new journal, move the log away.");

    public static JournalException HasTwoNames(string path) => new(
        $"The order journal {Name(path)} is in the file system under a second name (a hard link): a program that used that one would know nothing of this one's orders. Remove the other name, and name one path everywhere; a symbolic link is fine.");

    public static JournalException Gone(string path) => new(
        $"The order journal {Name(path)} was moved or deleted while it was in use. Put it back; without it a restart does not know what is in doubt.");

    public static JournalException Replaced(string path) => new(
        $"The order journal {Name(path)} is not the file that this process has opened: that was replaced, or a link in its path was switched. Put the first one back; a restart takes the file that is there, which may not know what is in doubt.");

    public static JournalException NotAJournal(string path) => new($"The file {Name(path)} is another program's database. Name another file for the order journal; this one was left as it is.");

    public static JournalException Newer(string path, long version, int known) => new(
        $"The order journal {Name(path)} has schema version {version}; this library knows versions up to {known}. Update the library, or name another file.");

    public static JournalException NoWriteAheadLog(string path, string mode) => new(
        $"The order journal {Name(path)} cannot use SQLite's write-ahead log ({mode} instead). Name a file on a disk of this machine: network file systems do not have what it needs.");

    public static JournalException Unforeseen(string path, Exception cause) => new($"The order journal {Name(path)} failed: {cause.Message}", cause);

    public static JournalException Closed(string path) => new($"The order journal {Name(path)} is closed: its service provider has been disposed.");

    private static string Name(string path) => Path.GetFullPath(path);
}
