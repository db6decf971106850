using System.Text;

namespace ExchangeResilience.Tests.Handling;

/// <summary>A body that follows its head after a while, whole.</summary>
internal sealed class LateStream(string text, TimeSpan after, TimeProvider time) : MemoryStream(Encoding.UTF8.GetBytes(text), writable: false)
{
    public override bool CanSeek => false;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (Position == 0)
        {
            await Task.Delay(after, time, cancellationToken);
        }

        return Read(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
}
