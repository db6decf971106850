using System.Text;

namespace ExchangeResilience.Tests.Handling;

/// <summary>A body that breaks off, or falls silent, after its first part.</summary>
internal sealed class BrokenStream(string part, bool hangs) : MemoryStream(Encoding.UTF8.GetBytes(part))
{
    public override bool CanSeek => false;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (await base.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            return read;
        }

        if (hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        throw new IOException("The connection was reset.");
    }
}
