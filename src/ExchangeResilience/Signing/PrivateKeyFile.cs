using System.Text;

namespace ExchangeResilience;

/// <summary>The file of a private key. A device, which has no end, or a pipe, which waits for a writer, is never opened.</summary>
internal static class PrivateKeyFile
{
    // An RSA key of 16,384 bits takes 13 KiB.
    private const int LongestKiB = 64;
    private const int Longest = LongestKiB * 1024;

    /// <summary>Why a file that is there holds no key, and what to do about it; null where it may hold one.</summary>
    /// <exception cref="IOException">It cannot be looked at.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be looked at.</exception>
    public static (string Problem, string Remedy)? FaultOf(string path) => LengthOf(path) switch
    {
        0 => ("names what is empty, or no file but a device or a pipe", "write the path of the PEM file"),
        > Longest => ($"names a file of more than {LongestKiB} KiB, which no private key has", "write the path of the PEM file"),
        _ => null,
    };

    /// <exception cref="IOException">It cannot be read, or holds no key.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be read.</exception>
    public static string Read(string path)
    {
        if (FaultOf(path) is { } fault)
        {
            throw new IOException($"The path of the private key {fault.Problem}.");
        }

        // It may have grown since.
        var bytes = new byte[Longest];
        using var file = File.OpenRead(path);
        var length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        using var text = new StreamReader(new MemoryStream(bytes, 0, length), Encoding.UTF8);
        return text.ReadToEnd();
    }

    // Devices and pipes have no length. A link has one of its own.
    private static long LengthOf(string path) => (File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path)).Length;
}
