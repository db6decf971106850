using System.Runtime.InteropServices;

namespace ExchangeResilience.Sqlite;

/// <summary>
/// What the system tells of the file that a path leads to. .NET tells none of it; on Linux the system is asked, and elsewhere each file is taken for the one before it, with one name.
/// </summary>
/// <param name="Identity">Which file it is.</param>
/// <param name="Links">Under how many names it is in its file system.</param>
internal readonly record struct FileStatus(FileIdentity Identity, uint Links)
{
    private const int CurrentFolder = -100;
    private const uint LinksIdentityAndBirth = 0x904;
    private const int SizeOfResult = 256;
    private const int LinksAt = 16;
    private const int NumberAt = 32;
    private const int BornAt = 80;
    private const int DeviceAt = 136;

    /// <summary>Null where there is no file.</summary>
    public static FileStatus? Of(string path)
    {
        if (OperatingSystem.IsLinux())
        {
            Span<byte> result = stackalloc byte[SizeOfResult];
            try
            {
                if (StatX(CurrentFolder, path, flags: 0, LinksIdentityAndBirth, ref MemoryMarshal.GetReference(result)) == 0)
                {
                    return Read(result);
                }
            }
            catch (Exception unknown) when (unknown is EntryPointNotFoundException or DllNotFoundException)
            {
                // Taken as on a system that is not asked; so it is where a sandbox forbids the question.
            }
        }

        return File.Exists(path) ? new FileStatus(default, Links: 1) : null;
    }

    // A file system that does not know when a file was born leaves that at zero.
    private static FileStatus Read(ReadOnlySpan<byte> result) => new(
        new FileIdentity(
            Device: BitConverter.ToUInt64(result[DeviceAt..]),
            Number: BitConverter.ToUInt64(result[NumberAt..]),
            BornSeconds: BitConverter.ToInt64(result[BornAt..]),
            BornNanoseconds: BitConverter.ToUInt32(result[(BornAt + sizeof(long))..])),
        BitConverter.ToUInt32(result[LinksAt..]));

    [DllImport("libc", EntryPoint = "statx", BestFitMapping = false)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int folder, [MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags, uint mask, ref byte result);
}
