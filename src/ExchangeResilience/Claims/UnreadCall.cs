namespace ExchangeResilience;

/// <summary>
/// A call that has been made, and whose content is still being read: what it wants is not known. It counts from when it was made, so that nothing it may mean is forgotten
/// meanwhile, and what leaves meanwhile overtakes it. Guarded by the table's lock.
/// </summary>
internal sealed class UnreadCall(long number, RunningCalls calls, Lock @lock) : IDisposable
{
    private List<Action<ApplicationCall>>? _since;

    public long Number => number;

    /// <summary>A contrary wish has left: it reaches the call, if it concerns it, once that is read.</summary>
    public void Note(Action<ApplicationCall> overtake) => (_since ??= []).Add(overtake);

    public void Become(ApplicationCall call) => _since?.ForEach(overtake => overtake(call));

    public void Dispose()
    {
        lock (@lock)
        {
            calls.Forget(this);
        }
    }
}
