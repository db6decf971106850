using System.Runtime.CompilerServices;

namespace ExchangeResilience.Testing;

public sealed partial class SimulatedExchange
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    /// <summary>
    /// The user data stream of a listen key, in memory: every ORDER_TRADE_UPDATE and ALGO_UPDATE of its account from this call on, as UTF-8. It ends with the key, which
    /// POST /fapi/v1/listenKey gives. On a port the same comes by WebSocket, from /ws/ and the key.
    /// </summary>
    /// <remarks>An event travels as long as a reply. What a fault does to a reply it does not do to the event: that is what the stream is there for.</remarks>
    /// <param name="listenKey">The key.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="ArgumentException">There is no such key, or not any more.</exception>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> ReadUserDataAsync(string listenKey, CancellationToken cancellationToken = default) =>
        ReadAsync(Open(listenKey) ?? throw new ArgumentException("There is no such listen key.", nameof(listenKey)), cancellationToken);

    private IAsyncEnumerable<ReadOnlyMemory<byte>>? Subscribe(string listenKey) => Open(listenKey) is { } subscription ? ReadAsync(subscription, CancellationToken.None) : null;

    /// <summary>Listens to the account of a listen key; null if there is no such key. Whatever is published from now on waits to be read.</summary>
    private UserDataSubscription? Open(string listenKey) => Observe(() => _engine.FindListener(listenKey, Clock.Read()) is { } account ? _engine.Streams.Open(account.Name) : null);

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(UserDataSubscription subscription, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            while (await NextAsync(subscription, cancellationToken).ConfigureAwait(false) is { } message)
            {
                var way = message.Sent + (Options.Latency / 2) - Clock.Read().Elapsed;
                if (way > TimeSpan.Zero)
                {
                    await Task.Delay(way, _time, cancellationToken).ConfigureAwait(false);
                }

                yield return message.Payload;
            }
        }
        finally
        {
            Act(_ => _engine.Streams.Close(subscription));
        }
    }

    /// <summary>The next event. No request may come when something falls due, so the listener advances the exchange.</summary>
    private async Task<UserDataMessage?> NextAsync(UserDataSubscription subscription, CancellationToken cancellationToken)
    {
        while (true)
        {
            var due = Observe(() => _engine.NextDue - Clock.Read().Elapsed) ?? LongestWait;
            if (subscription.Next() is { } message)
            {
                return message;
            }

            if (!await subscription.WaitAsync(TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(due.TotalMilliseconds), 1, LongestWait.TotalMilliseconds)), _time, cancellationToken).ConfigureAwait(false))
            {
                return null;
            }
        }
    }
}
