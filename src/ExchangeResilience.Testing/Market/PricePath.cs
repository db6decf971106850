namespace ExchangeResilience.Testing;

/// <summary>
/// The price of a contract over time. Since the exchange began it is what it was set to. Before, it ran straight from each whole hour to the next, between prices that the symbol
/// alone decides: so candles of every length agree, in every process.
/// </summary>
internal sealed class PricePath
{
    private const decimal Swing = 0.01m;
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly ulong _seed;
    private readonly decimal _first;
    private readonly decimal _tick;
    private readonly DateTimeOffset _began;
    private readonly List<(DateTimeOffset Time, decimal Price)> _changes;

    public PricePath(string symbol, decimal first, decimal tick, DateTimeOffset began)
    {
        _seed = symbol.Aggregate(14_695_981_039_346_656_037UL, static (hash, letter) => unchecked((hash ^ letter) * 1_099_511_628_211UL));
        (_first, _tick, _began) = (first, tick, began);
        _changes = [(began, first)];
    }

    public decimal Present => _changes[^1].Price;

    public void Move(decimal price, DateTimeOffset at) => _changes.Add((at, price));

    /// <summary>Forgets the changes of before an instant, but for the one in force then.</summary>
    public void Forget(DateTimeOffset before)
    {
        var kept = _changes.FindLastIndex(change => change.Time <= before);
        _changes.RemoveRange(0, Math.Max(0, kept));
    }

    public decimal At(DateTimeOffset time)
    {
        if (time >= _began)
        {
            return _changes[Math.Max(0, _changes.FindLastIndex(change => change.Time <= time))].Price;
        }

        var start = HourOf(time);
        var end = start + Hour < _began ? start + Hour : _began;
        var (from, to) = (AtHour(start), end == _began ? _first : AtHour(end));
        return OnTick(from + ((to - from) * ((time - start).Ticks / (decimal)(end - start).Ticks)));
    }

    /// <summary>What it did from one instant to another, both included.</summary>
    public Candle Between(DateTimeOffset from, DateTimeOffset to)
    {
        var (open, close) = (At(from), At(to));
        var (high, low) = (Math.Max(open, close), Math.Min(open, close));
        for (var hour = HourOf(from) + Hour; hour < to && hour < _began; hour += Hour)
        {
            Include(AtHour(hour));
        }

        if (from < _began && _began <= to)
        {
            Include(_first);
        }

        foreach (var (time, price) in _changes)
        {
            if (time > from && time <= to)
            {
                Include(price);
            }
        }

        return new Candle(open, high, low, close);

        void Include(decimal price) => (high, low) = (Math.Max(high, price), Math.Min(low, price));
    }

    private static DateTimeOffset HourOf(DateTimeOffset time) => time - TimeSpan.FromTicks(time.UtcTicks % Hour.Ticks);

    private decimal AtHour(DateTimeOffset hour)
    {
        // The finaliser of splitmix64: near numbers give far ones.
        var mixed = unchecked(_seed + ((ulong)(hour.UtcTicks / Hour.Ticks) * 0x9E3779B97F4A7C15UL));
        mixed = unchecked((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9UL);
        mixed = unchecked((mixed ^ (mixed >> 27)) * 0x94D049BB133111EBUL);
        var draw = (mixed ^ (mixed >> 31)) % 10_001 / 10_000m;
        return OnTick(_first * (1 + (Swing * (draw - 0.5m))));
    }

    private decimal OnTick(decimal price) => Math.Max(_tick, Math.Round(price / _tick) * _tick);
}
