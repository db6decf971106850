namespace ExchangeResilience;

/// <summary>What was decided about one failed attempt.</summary>
/// <param name="Number">Counts all decisions of the process, from 1.</param>
/// <param name="At">When, by the local wall clock.</param>
/// <param name="Endpoint">What the request was.</param>
/// <param name="ClientOrderId">The order's id; null where the request names none.</param>
/// <param name="Code">The exchange's code; 0 where it gave none.</param>
/// <param name="ErrorName">The error's name.</param>
/// <param name="Execution">Whether the attempt took effect, as far as is known.</param>
/// <param name="Decision">What happens next, why, and after which wait.</param>
/// <param name="Attempt">How often the request has been sent.</param>
internal readonly record struct DecisionRecord(
    long Number, DateTimeOffset At, ExchangeEndpoint Endpoint, string? ClientOrderId, int Code, string ErrorName, ExecutionStatus Execution, Decision Decision, int Attempt);

/// <summary>How often an error was decided about since the process began.</summary>
internal readonly record struct ErrorCount(int Code, string Name, long Count);

/// <summary>The latest decisions, and how many there were by error. Fed by failed attempts alone, so that a call that succeeds pays nothing, and one that fails no memory.</summary>
internal sealed class DecisionFeed(TimeProvider time)
{
    /// <summary>How many decisions are kept.</summary>
    public const int Kept = 256;

    // Names of errors come from tables, and those are smaller; the bound is there for what no table foresees.
    private const int MostNames = 512;

    private readonly Lock _lock = new();
    private readonly DecisionRecord[] _latest = new DecisionRecord[Kept];
    private readonly Dictionary<(int Code, string Name), long> _counts = [];
    private long _number;

    /// <summary>The number of the latest decision; 0 before the first.</summary>
    public long Latest => Volatile.Read(ref _number);

    public void Add(Call call, ExchangeError error, Decision decision)
    {
        var at = time.GetUtcNow();
        lock (_lock)
        {
            var number = _number + 1;
            _latest[number % Kept] = new DecisionRecord(
                number, at, call.Operation.Endpoint, call.Operation.ClientOrderId, error.Code, error.Name, error.Execution, decision, call.Attempts);
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
            var first = Math.Max(number, _number - Kept) + 1;
            var found = new List<DecisionRecord>();
            for (var next = Math.Max(first, 1); next <= _number; next++)
            {
                found.Add(_latest[next % Kept]);
            }

            return found;
        }
    }

    public IReadOnlyList<ErrorCount> Counts()
    {
        lock (_lock)
        {
            return [.. _counts.Select(static count => new ErrorCount(count.Key.Code, count.Key.Name, count.Value))];
        }
    }
}
