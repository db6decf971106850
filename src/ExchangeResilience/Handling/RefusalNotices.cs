using System.Collections.Concurrent;

namespace ExchangeResilience;

/// <summary>
/// Which refusals of the gate are worth a warning. A hold had its own when it began, so nobody it turns away is news; of those that a spent limit or a full lane turns away,
/// the first is, until another try may succeed and for a minute at least.
/// </summary>
internal sealed class RefusalNotices
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(Gate Gate, RefusalReason Reason), DateTimeOffset> _quietUntil = new();

    public bool IsNews(Gate gate, RefusalReason reason, DateTimeOffset retryAt, DateTimeOffset now)
    {
        if (reason is RefusalReason.HeldIp or RefusalReason.HeldOrders or RefusalReason.HeldHost)
        {
            return false;
        }

        var until = retryAt > now + Quiet ? retryAt : now + Quiet;
        return _quietUntil.TryGetValue((gate, reason), out var quietUntil)
            ? now >= quietUntil && _quietUntil.TryUpdate((gate, reason), until, quietUntil)
            : _quietUntil.TryAdd((gate, reason), until);
    }
}
