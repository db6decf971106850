namespace TradingBot;

/// <summary>
/// How long a run goes on without getting anywhere. Every order the exchange took or refused for good renews it, and what the exchange asked to wait for does not count, so that a ban is sat out
/// and a dead exchange is not waited for.
/// </summary>
internal sealed class Patience(TimeProvider time, TimeSpan length)
{
    // A ban may last three days; nobody watches a console that long.
    private static readonly TimeSpan LongestHold = TimeSpan.FromMinutes(15);

    private readonly Lock _gate = new();
    private DateTimeOffset _until = time.GetUtcNow() + length;

    public bool IsSpent
    {
        get
        {
            lock (_gate)
            {
                return time.GetUtcNow() >= _until;
            }
        }
    }

    public void Renew() => WaitUntil(time.GetUtcNow());

    /// <summary>The exchange asked to wait; false if that is longer than anybody here does.</summary>
    public bool TryHold(DateTimeOffset until)
    {
        if (until - time.GetUtcNow() > LongestHold)
        {
            return false;
        }

        WaitUntil(until);
        return true;
    }

    private void WaitUntil(DateTimeOffset instant)
    {
        lock (_gate)
        {
            _until = instant + length > _until ? instant + length : _until;
        }
    }
}
