namespace ExchangeResilience;

/// <summary>How often an error was decided about since the process began.</summary>
internal readonly record struct ErrorCount(int Code, string Name, long Count);

/// <summary>
/// The latest decisions, and how many there were by error. Fed by failed attempts alone, so that a call that succeeds pays nothing, and one that fails no memory. What one hold turns
/// away is one record, so that a ban does not push out what led to it.
/// </summary>
internal sealed class DecisionFeed(TimeProvider time)
{
    /// <summary>How many decisions are kept.</summary>
    public const int Kept = 256;

    // Names of errors come from tables, and those are smaller; the bound is there for what no table foresees.
    private const int MostNames = 512;

    // Refusals that name no time are of one cause while they keep coming.
    private static readonly TimeSpan Together = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly DecisionRecord[] _latest = new DecisionRecord[Kept];
    private readonly Dictionary<(int Code, string Name), long> _counts = [];
    private long _number;
    private long _id;

    /// <summary>The number of the latest decision; 0 before the first.</summary>
    public long Latest => Volatile.Read(ref _number);

    public void Add(DecisionRecord decided)
    {
        var error = decided.Error;
        var at = time.GetUtcNow();
        lock (_lock)
        {
            var number = _number + 1;
            var record = decided with { Number = number, At = at, Since = at, Id = _id + 1 };
            if (TurnedAwayWith(record) is { } before)
            {
                record = record with { Id = before.Id, Count = before.Count + 1, Since = before.Since };
            }

            _id = Math.Max(_id, record.Id);
            _latest[record.Id % Kept] = record;
            var key = (error.Code, error.Name);
            if (_counts.TryGetValue(key, out var count) || _counts.Count < MostNames)
            {
                _counts[key] = count + 1;
            }

            Volatile.Write(ref _number, number);
        }
    }

    /// <summary>The decisions after a number that are still kept, oldest first.</summary>
    public IReadOnlyList<DecisionRecord> After(long number)
    {
        lock (_lock)
        {
            return [.. _latest.Where(record => record.Number > number).OrderBy(static record => record.Number)];
        }
    }

    /// <summary>One decision; null where it is not kept any more.</summary>
    public DecisionRecord? Find(long id)
    {
        lock (_lock)
        {
            return id > 0 && _latest[id % Kept] is { } record && record.Id == id ? record : null;
        }
    }

    public IReadOnlyList<ErrorCount> Counts()
    {
        lock (_lock)
        {
            return [.. _counts.Select(static count => new ErrorCount(count.Key.Code, count.Key.Name, count.Value))];
        }
    }

    // A hold is another one once the time has passed that it named last.
    private DecisionRecord? TurnedAwayWith(in DecisionRecord record)
    {
        if (record.RefusedBy == RefusalReason.None && !IsStop(record))
        {
            return null;
        }

        for (var id = _id; id > Math.Max(0, _id - Kept); id--)
        {
            ref readonly var other = ref _latest[id % Kept];
            if (other.RefusedBy == record.RefusedBy
                && string.Equals(other.Error.Name, record.Error.Name, StringComparison.Ordinal)
                && string.Equals(other.Environment, record.Environment, StringComparison.Ordinal))
            {
                return record.At <= (other.Error.RetryAt ?? other.At + Together) ? other : null;
            }
        }

        return null;
    }

    private static bool IsStop(in DecisionRecord record) => string.Equals(record.Error.Name, LocalErrors.OrdersStopped.Name, StringComparison.Ordinal);
}
