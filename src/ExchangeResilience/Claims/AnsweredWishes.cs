namespace ExchangeResilience;

/// <summary>What calls that are over were answered, so that a late copy of one of their messages does not leave. Guarded by the table's lock.</summary>
internal sealed class AnsweredWishes(TimeProvider time)
{
    // A copy that a handler above has kept back (a hedge, a queue) may still come after its call was answered.
    private static readonly TimeSpan CopiesComeWithin = TimeSpan.FromMinutes(10);

    private readonly Dictionary<(Wish Wish, string Account), long> _answered = [];

    public int Count => _answered.Count;

    public void Note(ApplicationCall call, long now)
    {
        foreach (var wish in call.Wishes)
        {
            _answered[(wish, call.Account.Counted)] = now;
        }
    }

    public void Forget(ApplicationCall call)
    {
        foreach (var wish in call.Wishes)
        {
            _answered.Remove((wish, call.Account.Counted));
        }
    }

    /// <summary>Whether one of them was answered.</summary>
    public bool Contains(Wish[] wishes, AccountIdentity account)
    {
        foreach (var wish in wishes)
        {
            if (_answered.TryGetValue((wish, account.Counted), out var at) && time.GetElapsedTime(at) <= CopiesComeWithin)
            {
                return true;
            }
        }

        return false;
    }

    public void Sweep(long now)
    {
        foreach (var (answered, at) in _answered)
        {
            if (time.GetElapsedTime(at, now) > CopiesComeWithin)
            {
                _answered.Remove(answered);
            }
        }
    }
}
