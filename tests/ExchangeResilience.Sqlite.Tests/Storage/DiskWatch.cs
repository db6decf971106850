using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace ExchangeResilience.Sqlite.Tests.Storage;

/// <summary>
/// Counts how often SQLite tells the disk to keep what was written to a write-ahead log. It stands between SQLite and the operating system, as the one file system that new connections of
/// this process use by default, and passes everything on.
/// </summary>
internal static class DiskWatch
{
    private const string Library = "e_sqlite3";
    private const int IsWriteAheadLog = 0x80000;

    // Places in SQLite's own structures, which are frozen parts of its interface: sqlite3_vfs and sqlite3_io_methods, up to the third version of each.
    private const int VfsSize = 20 * 8 + 8;
    private const int VfsName = 24;
    private const int VfsOpen = 40;
    private const int MethodsSize = 19 * 8;
    private const int MethodsSync = 40;

    private static readonly Lock Watching = new();
    private static readonly ConcurrentDictionary<string, int> Syncs = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<nint, string> Names = new();

    // Referred to from outside the runtime, and therefore never let go of.
    private static readonly OpenFile Opened = Open;
    private static readonly SyncFile Synced = Sync;
    private static OpenFile? s_open;
    private static SyncFile? s_sync;
    private static nint s_methods;
    private static bool s_isWatching;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int OpenFile(nint vfs, nint name, nint file, int flags, nint flagsOut);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int SyncFile(nint file, int flags);

    /// <summary>Watches every file that is opened from now on.</summary>
    public static void Begin()
    {
        lock (Watching)
        {
            if (s_isWatching)
            {
                return;
            }

            var system = Find(null);
            var watch = Marshal.AllocHGlobal(VfsSize);
            Copy(system, watch, VfsSize);
            s_open = Marshal.GetDelegateForFunctionPointer<OpenFile>(Marshal.ReadIntPtr(system, VfsOpen));
            Marshal.WriteIntPtr(watch, VfsName, Marshal.StringToCoTaskMemUTF8("watched"));
            Marshal.WriteIntPtr(watch, VfsOpen, Marshal.GetFunctionPointerForDelegate(Opened));
            Register(watch, isDefault: 1).ShouldBe(0);
            s_isWatching = true;
        }
    }

    /// <summary>How often the log of a database was synced.</summary>
    public static int LogSyncsOf(string path) => Syncs.GetValueOrDefault(path + "-wal");

    private static int Open(nint vfs, nint name, nint file, int flags, nint flagsOut)
    {
        var result = s_open!(vfs, name, file, flags, flagsOut);
        if (result == 0 && (flags & IsWriteAheadLog) != 0)
        {
            Names[file] = Marshal.PtrToStringUTF8(name)!;
            Marshal.WriteIntPtr(file, MethodsLike(Marshal.ReadIntPtr(file)));
        }

        return result;
    }

    private static int Sync(nint file, int flags)
    {
        Syncs.AddOrUpdate(Names[file], 1, static (_, count) => count + 1);
        return s_sync!(file, flags);
    }

    /// <summary>The methods of a file, but for the one that is watched.</summary>
    private static nint MethodsLike(nint methods)
    {
        lock (Watching)
        {
            if (s_methods == 0)
            {
                var copy = Marshal.AllocHGlobal(MethodsSize);
                Copy(methods, copy, MethodsSize);
                s_sync = Marshal.GetDelegateForFunctionPointer<SyncFile>(Marshal.ReadIntPtr(methods, MethodsSync));
                Marshal.WriteIntPtr(copy, MethodsSync, Marshal.GetFunctionPointerForDelegate(Synced));
                s_methods = copy;
            }

            return s_methods;
        }
    }

    private static void Copy(nint from, nint to, int bytes)
    {
        for (var at = 0; at < bytes; at += sizeof(long))
        {
            Marshal.WriteInt64(to, at, Marshal.ReadInt64(from, at));
        }
    }

    [DllImport(Library, EntryPoint = "sqlite3_vfs_find", CallingConvention = CallingConvention.Cdecl)]
    private static extern nint Find([MarshalAs(UnmanagedType.LPUTF8Str)] string? name);

    [DllImport(Library, EntryPoint = "sqlite3_vfs_register", CallingConvention = CallingConvention.Cdecl)]
    private static extern int Register(nint vfs, int isDefault);
}
