namespace ExchangeResilience;

/// <summary>The absences that turned out wrong within the last hour: long enough for a health check and the operator it calls, and no state that an operator must clear.</summary>
internal sealed class ContradictedAbsences(TimeProvider time)
{
    private static readonly TimeSpan Told = TimeSpan.FromHours(1);

    // Each is an alarm of its own in the log; a longer list is of no use.
    private const int Most = 100;

    private readonly Lock _lock = new();
    private readonly Queue<(ContradictedAbsence Absence, long At)> _latest = new();

    public void Note(InDoubtOrder order, string orderStatus)
    {
        lock (_lock)
        {
            Forget(_latest.Count - Most + 1);
            _latest.Enqueue((new ContradictedAbsence(order, orderStatus, time.GetUtcNow()), time.GetTimestamp()));
        }
    }

    /// <summary>Oldest first.</summary>
    public IReadOnlyList<ContradictedAbsence> Read()
    {
        lock (_lock)
        {
            Forget(_latest.Count(known => time.GetElapsedTime(known.At) >= Told));
            return [.. _latest.Select(static known => known.Absence)];
        }
    }

    private void Forget(int count)
    {
        for (; count > 0; count--)
        {
            _latest.Dequeue();
        }
    }
}
