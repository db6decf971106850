using System.Threading.Channels;

namespace ExchangeResilience.Testing;

/// <summary>One listener to an account. What is published waits until it is read.</summary>
internal sealed class UserDataSubscription(string account)
{
    // Null says that there is no event, and that what was waited for has changed.
    private readonly Channel<UserDataMessage?> _messages = Channel.CreateUnbounded<UserDataMessage?>(new UnboundedChannelOptions { SingleReader = true });
    private Task<bool>? _more;

    public string Account => account;

    public void Add(UserDataMessage message) => _messages.Writer.TryWrite(message);

    public void Wake() => _messages.Writer.TryWrite(null);

    /// <summary>Nothing comes any more; what came before can still be read.</summary>
    public void End() => _messages.Writer.TryComplete();

    public UserDataMessage? Next()
    {
        while (_messages.Reader.TryRead(out var message))
        {
            if (message is not null)
            {
                return message;
            }
        }

        return null;
    }

    /// <summary>Waits until there is more, or for so long. False once nothing comes any more.</summary>
    public async Task<bool> WaitAsync(TimeSpan longest, TimeProvider time, CancellationToken cancellationToken)
    {
        _more ??= _messages.Reader.WaitToReadAsync(CancellationToken.None).AsTask();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny(_more, Task.Delay(longest, time, enough.Token)).ConfigureAwait(false);
        await enough.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (!_more.IsCompleted)
        {
            return true;
        }

        var more = await _more.ConfigureAwait(false);
        _more = null;
        return more;
    }
}
