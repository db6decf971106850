namespace ExchangeResilience;

/// <summary>Replies of the exchange, each of which serves every search that sends the same query within a second.</summary>
internal sealed class SharedAnswers<TQuestion, TAnswer>(TimeProvider time)
    where TQuestion : notnull
{
    // An older answer is as true, but of an earlier moment: what it proves is proved that much later.
    private static readonly TimeSpan Serves = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<TQuestion, (Task<TAnswer> Answer, long AskedAt)> _latest = [];

    /// <summary>The latest answer; a new one where there is none, or where it is the one that the asker has <paramref name="used"/> before.</summary>
    public Task<TAnswer> Ask(TQuestion question, Task<TAnswer>? used, Func<Task<TAnswer>> ask)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            foreach (var (old, (_, askedAt)) in _latest)
            {
                if (time.GetElapsedTime(askedAt, now) >= Serves)
                {
                    _latest.Remove(old);
                }
            }

            if (_latest.TryGetValue(question, out var latest) && latest.Answer != used)
            {
                return latest.Answer;
            }

            var answer = ask();
            _latest[question] = (answer, now);
            return answer;
        }
    }

    /// <summary>How long the answer that an asker had before goes on to serve others.</summary>
    public TimeSpan ServesStill(TQuestion question, Task<TAnswer>? used)
    {
        lock (_lock)
        {
            return used is not null && _latest.TryGetValue(question, out var latest) && latest.Answer == used
                ? time.Left(time.GetTimestamp(), time.After(latest.AskedAt, Serves))
                : TimeSpan.Zero;
        }
    }
}
