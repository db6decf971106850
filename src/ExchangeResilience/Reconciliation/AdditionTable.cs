namespace ExchangeResilience;

/// <summary>One request that adds to a value, from before it leaves until its effect can no longer be taken for another's.</summary>
internal sealed class Addition(string key, ExchangeOperation operation, long entered)
{
    private AttemptWindow? _window;
    private readonly Lock _lock = new();

    public string Key { get; } = key;
    public ExchangeOperation Operation { get; } = operation;
    public long Entered { get; } = entered;

    /// <summary>The time in which its last attempt could take effect; null as long as nobody knows.</summary>
    public AttemptWindow? Window
    {
        get { lock (_lock) { return _window; } }
        set { lock (_lock) { _window = value; } }
    }
}

/// <summary>
/// The additions of this process. They bear no id, so two equal ones whose windows overlap cannot be told apart in the exchange's history, and its record proves
/// neither.
/// </summary>
internal sealed class AdditionTable(TimeProvider time)
{
    // Far longer than any window, so that forgetting one can never make another look alone.
    private static readonly TimeSpan Retention = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly List<Addition> _additions = [];

    /// <summary>Enters a request that is about to leave; null where no history tells of its kind.</summary>
    public Addition? Enter(string environment, string account, ExchangeOperation operation)
    {
        if (operation.Traits is not { } traits)
        {
            return null;
        }

        var values = operation.Endpoint.History!.Comparisons.Select(name => traits.TryGetValue(name, out var value) ? HistoryRecord.Normal(value) : "");
        var addition = new Addition($"{environment}\n{account}\n{operation}\n{string.Join('\n', values)}", operation, time.GetTimestamp());
        lock (_lock)
        {
            _additions.RemoveAll(old => time.GetElapsedTime(old.Entered) > Retention);
            _additions.Add(addition);
        }

        return addition;
    }

    /// <summary>It provably did nothing.</summary>
    public void Leave(Addition? addition)
    {
        if (addition is not null)
        {
            lock (_lock)
            {
                _additions.Remove(addition);
            }
        }
    }

    /// <summary>Whether no equal addition of this process can have left a record in the same window.</summary>
    public bool IsAlone(Addition addition)
    {
        lock (_lock)
        {
            return !_additions.Exists(other =>
                other != addition
                && string.Equals(other.Key, addition.Key, StringComparison.Ordinal)
                && (other.Window is not { } theirs || addition.Window is not { } ours || theirs.Overlaps(ours)));
        }
    }
}
