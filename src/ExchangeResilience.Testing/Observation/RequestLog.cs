namespace ExchangeResilience.Testing;

/// <summary>The requests received, and how often each was tried. Not thread-safe: the exchange uses it under its lock.</summary>
internal sealed class RequestLog
{
    private readonly List<ReceivedRequest> _requests = [];
    private readonly Dictionary<(string Method, string Path, string Key), (int Count, TimeSpan Last)> _attempts = [];
    private long _forgotten;

    /// <summary>The number that the next request gets.</summary>
    public long NextNumber => _forgotten + _requests.Count + 1;

    public void Add(ReceivedRequest request) => _requests.Add(request);

    public ReceivedRequest[] ToArray() => [.. _requests];

    /// <summary>Changes what is known of a request, unless it is forgotten.</summary>
    public void Change(long number, Func<ReceivedRequest, ReceivedRequest> change)
    {
        var index = (int)(number - 1 - _forgotten);
        if (index >= 0)
        {
            _requests[index] = change(_requests[index]);
        }
    }

    /// <summary>Counts one more attempt; the key is what attempts at the same thing have in common. Returns which it is, from 1.</summary>
    public int CountAttempt(string method, string path, string key, TimeSpan elapsed)
    {
        var attempt = _attempts.GetValueOrDefault((method, path, key)).Count + 1;
        _attempts[(method, path, key)] = (attempt, elapsed);
        return attempt;
    }

    public void Forget(TimeSpan before)
    {
        var kept = _requests.FindIndex(request => request.Elapsed > before);
        var gone = kept < 0 ? _requests.Count : kept;
        _requests.RemoveRange(0, gone);
        _forgotten += gone;
        foreach (var attempt in _attempts.Where(attempt => attempt.Value.Last <= before).Select(static attempt => attempt.Key).ToList())
        {
            _attempts.Remove(attempt);
        }
    }
}
