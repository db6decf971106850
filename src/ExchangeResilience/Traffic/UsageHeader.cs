using System.Globalization;
using System.Net.Http.Headers;

namespace ExchangeResilience;

/// <summary>A reply header that shows how much of a limit is used: its lane, its window, its figure.</summary>
/// <remarks><c>X-MBX-USED-WEIGHT-1M</c>, <c>X-MBX-ORDER-COUNT-10S</c> (Binance USD-M general info, "LIMITS"); the letters are S, M, H and D.</remarks>
internal readonly record struct UsageHeader(TrafficLane Lane, TimeSpan Interval, int Used)
{
    public static bool TryRead(string name, in HeaderStringValues values, out UsageHeader header)
    {
        header = default;
        if (name.Length <= ExchangeHeaders.UsedWeight.Length || (name[0] | 0x20) != 'x')
        {
            return false;
        }

        var lane = name.StartsWith(ExchangeHeaders.UsedWeight, StringComparison.OrdinalIgnoreCase) ? TrafficLane.Ip
            : name.StartsWith(ExchangeHeaders.OrderCount, StringComparison.OrdinalIgnoreCase) ? TrafficLane.Orders
            : TrafficLane.None;

        // Both prefixes are of one length.
        if (lane == TrafficLane.None
            || !TryReadInterval(name.AsSpan(ExchangeHeaders.UsedWeight.Length), out var interval)
            || ReadFigure(values.ToString()) is not { } used)
        {
            return false;
        }

        header = new UsageHeader(lane, interval, used);
        return true;
    }

    /// <summary>
    /// Whether a reply shows that a request would have fitted into the window of a limit that refused it: that of the weight for the address, and of those for orders the
    /// one that was named, else the shorter.
    /// </summary>
    public static bool ShowsRoom(HttpResponseHeaders headers, TrafficLane lane, TimeSpan? window, in TrafficRequest request)
    {
        var interval = lane == TrafficLane.Orders ? window ?? RateLimitWindow.ShortOrders.Length : RateLimitWindow.Weight.Length;
        var (amount, limit) = lane == TrafficLane.Ip ? (request.Weight, request.Limits.WeightPerMinute)
            : interval == RateLimitWindow.ShortOrders.Length ? (request.Orders10s, request.Limits.OrdersPer10Seconds)
            : (request.Orders1m, request.Limits.OrdersPerMinute);
        foreach (var (name, values) in headers.NonValidated)
        {
            if (UsageHeader.TryRead(name, values, out var usage) && usage.Lane == lane && usage.Interval == interval)
            {
                return usage.Used + (long)amount <= limit;
            }
        }

        return false;
    }

    // A figure beyond what can be counted is no less alarming than the largest that can.
    private static int? ReadFigure(string text) =>
        text.Length == 0 || text.AsSpan().ContainsAnyExceptInRange('0', '9') ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var figure) ? figure
        : int.MaxValue;

    private static bool TryReadInterval(ReadOnlySpan<char> suffix, out TimeSpan interval)
    {
        interval = default;
        if (suffix.Length is < 2 or > 4 || !int.TryParse(suffix[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var unit = char.ToUpperInvariant(suffix[^1]) switch
        {
            'S' => TimeSpan.FromSeconds(1),
            'M' => TimeSpan.FromMinutes(1),
            'H' => TimeSpan.FromHours(1),
            'D' => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        interval = unit * number;
        return interval > TimeSpan.Zero;
    }
}
