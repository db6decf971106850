using System.Text;

namespace ExchangeResilience.Crash.Worker;

/// <summary>What the program was told, in a file that is only ever added to. A line that was written outlives the process; it need not outlive the machine.</summary>
internal sealed class Ledger : IDisposable
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _earlier;
    private readonly FileStream _file;

    private Ledger(HashSet<string> earlier, FileStream file) => (_earlier, _file) = (earlier, file);

    public static Ledger Open(string path)
    {
        var earlier = File.Exists(path) ? File.ReadLines(path).ToHashSet(StringComparer.Ordinal) : [];

        // Unbuffered: each line is one write, whole or not at all.
        return new(earlier, new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0));
    }

    public static string Began(int number) => $"Began {OrderClient.IdOf(number)}";

    public static string Executed(int number) => $"{ExecutionStatus.Executed} {OrderClient.IdOf(number)}";

    public bool ShowsExecuted(int number) => _earlier.Contains(Executed(number));

    public bool ShowsBegun(int number) => _earlier.Contains(Began(number));

    public void Write(string line)
    {
        lock (_lock)
        {
            _file.Write(Encoding.UTF8.GetBytes(line + "\n"));
        }
    }

    public void Dispose() => _file.Dispose();
}
