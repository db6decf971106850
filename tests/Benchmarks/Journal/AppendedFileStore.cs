using ExchangeResilience;
using Microsoft.Win32.SafeHandles;

namespace Benchmarks.Journal;

/// <summary>
/// The least that is durable: a line at the end of a file, and an fsync per order. It cannot be asked, and checks nothing; a verdict is appended and left to the next order's fsync.
/// </summary>
internal sealed class AppendedFileStore(string file) : IIntentStore
{
    private readonly SafeFileHandle _handle = File.OpenHandle(file, FileMode.CreateNew, FileAccess.Write);
    private readonly Lock _lock = new();
    private long _end;

    public Task RecordAsync(JournalEntry order)
    {
        var line = LineOf(order);
        lock (_lock)
        {
            Append(line);
            RandomAccess.FlushToDisk(_handle);
        }

        return Task.CompletedTask;
    }

    public void Settle(JournalEntry order)
    {
        var line = LineOf(order);
        lock (_lock)
        {
            Append(line);
        }
    }

    public Task DrainAsync()
    {
        RandomAccess.FlushToDisk(_handle);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _handle.Dispose();
        return ValueTask.CompletedTask;
    }

    private static byte[] LineOf(JournalEntry order) => [.. order.ToJson(), (byte)'\n'];

    private void Append(byte[] line)
    {
        RandomAccess.Write(_handle, line, _end);
        _end += line.Length;
    }
}
