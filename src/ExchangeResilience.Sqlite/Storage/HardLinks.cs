using System.Runtime.InteropServices;

namespace ExchangeResilience.Sqlite;

/// <summary>
/// Under how many names a file is in its file systems. SQLite names the write-ahead log after the name that a file was opened by, so that two programs that use two names would
/// know nothing of each other's orders.
/// </summary>
internal static class HardLinks
{
    private const int CurrentFolder = -100;
    private const uint LinkCount = 4;
    private const int SizeOfResult = 256;
    private const int LinkCountAt = 16;

    /// <summary>1 where it cannot be found out: .NET does not tell, and on Linux alone the system is asked.</summary>
    public static uint Of(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            return 1;
        }

        var result = new byte[SizeOfResult];
        try
        {
            return StatX(CurrentFolder, path, flags: 0, LinkCount, result) == 0 ? BitConverter.ToUInt32(result, LinkCountAt) : 1;
        }
        catch (Exception unknown) when (unknown is EntryPointNotFoundException or DllNotFoundException)
        {
            return 1;
        }
    }

    [DllImport("libc", EntryPoint = "statx", BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, [Out] byte[] result);
}
