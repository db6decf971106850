namespace ExchangeResilience.Testing;

/// <summary>The length of a candle. Days begin at midnight UTC, weeks on Mondays, months on their first day.</summary>
internal sealed class CandleInterval
{
    private static readonly DateTimeOffset FirstMonday = new(1970, 1, 5, 0, 0, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, CandleInterval> Known = new(StringComparer.Ordinal)
    {
        ["1m"] = new(TimeSpan.FromMinutes(1)),
        ["3m"] = new(TimeSpan.FromMinutes(3)),
        ["5m"] = new(TimeSpan.FromMinutes(5)),
        ["15m"] = new(TimeSpan.FromMinutes(15)),
        ["30m"] = new(TimeSpan.FromMinutes(30)),
        ["1h"] = new(TimeSpan.FromHours(1)),
        ["2h"] = new(TimeSpan.FromHours(2)),
        ["4h"] = new(TimeSpan.FromHours(4)),
        ["6h"] = new(TimeSpan.FromHours(6)),
        ["8h"] = new(TimeSpan.FromHours(8)),
        ["12h"] = new(TimeSpan.FromHours(12)),
        ["1d"] = new(TimeSpan.FromDays(1)),
        ["3d"] = new(TimeSpan.FromDays(3)),
        ["1w"] = new(TimeSpan.FromDays(7)),
        ["1M"] = new(length: null),
    };

    private readonly TimeSpan? _length;

    private CandleInterval(TimeSpan? length) => _length = length;

    public static CandleInterval? Find(string? name) => name is null ? null : Known.GetValueOrDefault(name);

    /// <summary>When the candle of this instant began.</summary>
    public DateTimeOffset StartOf(DateTimeOffset time)
    {
        if (_length is not { } length)
        {
            return new DateTimeOffset(time.Year, time.Month, 1, 0, 0, 0, TimeSpan.Zero);
        }

        var origin = length == TimeSpan.FromDays(7) ? FirstMonday : DateTimeOffset.UnixEpoch;
        return time - TimeSpan.FromTicks((time - origin).Ticks % length.Ticks);
    }

    /// <summary>When the candle this many after the one that begins here begins.</summary>
    public DateTimeOffset Step(DateTimeOffset start, int count) => _length is { } length ? start + (length * count) : start.AddMonths(count);
}
