namespace ExchangeResilience.Dashboard;

/// <summary>Remembers the latest verdicts and contradictions, which the middleware tells once.</summary>
internal sealed class OrderNews
{
    private const int Kept = 50;

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly LinkedList<VerdictView> _verdicts = [];
    private readonly LinkedList<ContradictionView> _contradictions = [];

    public OrderNews(ExchangeStatus status)
    {
        _time = status.Time;
        status.InDoubt.Settled += (_, settled) => Keep(
            _verdicts,
            new VerdictView(_time.GetUtcNow(), settled.Order.Symbol, settled.Order.ClientOrderId, settled.Order.Kind.ToString(), settled.Execution.ToString(), settled.Evidence));
        status.InDoubt.AbsenceContradicted += (_, late) => Keep(
            _contradictions,
            new ContradictionView(_time.GetUtcNow(), late.Order.Symbol, late.Order.ClientOrderId, late.Order.Kind.ToString(), late.OrderStatus));
    }

    public IReadOnlyList<VerdictView> Verdicts => Read(_verdicts);

    public IReadOnlyList<ContradictionView> Contradictions => Read(_contradictions);

    private void Keep<T>(LinkedList<T> list, T item)
    {
        lock (_lock)
        {
            list.AddFirst(item);
            if (list.Count > Kept)
            {
                list.RemoveLast();
            }
        }
    }

    private T[] Read<T>(LinkedList<T> list)
    {
        lock (_lock)
        {
            return [.. list];
        }
    }
}
