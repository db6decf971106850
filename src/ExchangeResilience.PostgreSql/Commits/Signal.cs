using System.Threading.Channels;

namespace ExchangeResilience.PostgreSql;

/// <summary>Wakes the one that waits, or the next that will. Given several times before it is heard, it is one.</summary>
internal sealed class Signal
{
    private readonly Channel<bool> _given = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Give() => _given.Writer.TryWrite(true);

    public async Task WaitAsync(CancellationToken cancellationToken) => await _given.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
}
