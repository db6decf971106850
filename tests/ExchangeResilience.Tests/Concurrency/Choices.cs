namespace ExchangeResilience.Tests.Concurrency;

/// <summary>
/// Walks every way through a script that asks it what happens next: the first answer is what happens without trouble, and each other one is a deviation, of which a way has at
/// most so many. A script that is repeated with the same answers must do the same.
/// </summary>
internal sealed class Choices(int deviations)
{
    private readonly List<(int Chosen, int Of)> _way = [];
    private int _depth;
    private int _left;

    /// <summary>How many ways were walked.</summary>
    public int Ways { get; private set; }

    public int Choose(int of)
    {
        if (of <= 1 || (_left == 0 && _depth == _way.Count))
        {
            return 0;
        }

        if (_depth == _way.Count)
        {
            _way.Add((0, of));
        }

        var chosen = _way[_depth++].Chosen;
        _left -= chosen > 0 ? 1 : 0;
        return chosen;
    }

    public void Walk(Action script)
    {
        do
        {
            _depth = 0;
            _left = deviations;
            Ways++;
            script();
        }
        while (TurnBack());
    }

    private bool TurnBack()
    {
        while (_way is [.., var last])
        {
            _way.RemoveAt(_way.Count - 1);
            if (last.Chosen + 1 < last.Of)
            {
                _way.Add(last with { Chosen = last.Chosen + 1 });
                return true;
            }
        }

        return false;
    }

    public override string ToString() => string.Join(' ', _way.Select(static choice => choice.Chosen));
}
