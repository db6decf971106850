namespace ExchangeResilience;

/// <summary>
/// Which refusals of the gate are worth a warning. A hold had its own when it began, so a request it turns away needs none; of those that a spent limit or a full lane turns away,
/// the first is, until another try may succeed and for a minute at least.
/// </summary>
internal sealed class RefusalLogThrottle
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private const int FewNotices = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(TrafficScope Scope, RefusalReason Reason), DateTimeOffset> _quietUntil = [];
    private int _worthALook = FewNotices;

    /// <summary>How many refusals are remembered.</summary>
    public int Count
    {
        get { lock (_lock) { return _quietUntil.Count; } }
    }

    public bool IsNews(Gate gate, RefusalReason reason, DateTimeOffset retryAt, DateTimeOffset now)
    {
        if (reason is RefusalReason.HeldIp or RefusalReason.HeldOrders or RefusalReason.HeldHost)
        {
            return false;
        }

        lock (_lock)
        {
            if (_quietUntil.TryGetValue((gate.Scope, reason), out var quietUntil) && now < quietUntil)
            {
                return false;
            }

            Forget(now);
            _quietUntil[(gate.Scope, reason)] = retryAt > now + Quiet ? retryAt : now + Quiet;
            return true;
        }
    }

    // All are looked at once their number has doubled, so that each new one pays for a look at two.
    private void Forget(DateTimeOffset now)
    {
        if (_quietUntil.Count < _worthALook)
        {
            return;
        }

        foreach (var (about, until) in _quietUntil)
        {
            if (now >= until)
            {
                _quietUntil.Remove(about);
            }
        }

        _worthALook = Math.Max(FewNotices, _quietUntil.Count * 2);
    }
}
