namespace ExchangeResilience;

/// <summary>How long the exchange has asked to wait before certain look-ups are repeated. Each waits for itself: what a lane holds back for all is known there.</summary>
internal sealed class AskedWaits(TimeProvider time)
{
    /// <summary>The longest that a reply that closes no lane delays a look-up. Searches and the clock depend on them, and a header may say anything.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    private const int Few = 64;

    private readonly Lock _lock = new();
    private readonly Dictionary<(string Client, HttpMethod Method, Uri Uri), long> _until = [];
    private int _worthALook = Few;

    public void Note(string client, HttpMethod method, Uri uri, TimeSpan wait)
    {
        if (wait <= TimeSpan.Zero)
        {
            return;
        }

        lock (_lock)
        {
            var now = time.GetTimestamp();
            if (_until.Count >= _worthALook)
            {
                foreach (var (question, _) in _until.Where(each => each.Value <= now).ToList())
                {
                    _until.Remove(question);
                }

                _worthALook = Math.Max(Few, _until.Count * 2);
            }

            _until[(client, method, uri)] = time.After(now, wait);
        }
    }

    /// <summary>What is left of the wait before a look-up; zero where there is none.</summary>
    public TimeSpan Left(string client, HttpMethod method, Uri uri)
    {
        lock (_lock)
        {
            return _until.TryGetValue((client, method, uri), out var until) ? time.Left(time.GetTimestamp(), until) : TimeSpan.Zero;
        }
    }
}
