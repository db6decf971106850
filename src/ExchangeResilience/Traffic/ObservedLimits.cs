using System.Text.Json;

namespace ExchangeResilience;

/// <summary>What one environment allows: the exchange's own figures once they have been queried, until then the documented ones. Configuration goes before both.</summary>
internal sealed class ObservedLimits(TimeProvider time, int weightPerMinute, int ordersPer10Seconds, int ordersPerMinute)
{
    // A probe whose attempt is lost ends with the attempt; this much later the lane no longer waits for it.
    private static readonly TimeSpan ProbeSlack = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMinutes(1);

    private Combined? _combined;
    private long? _failedAt;
    private int _weightPerMinute = weightPerMinute;
    private int _ordersPer10Seconds = ordersPer10Seconds;
    private int _ordersPerMinute = ordersPerMinute;
    private int _asked;

    /// <summary>True for one caller only, which then queries the exchange; after a failure for one more each minute.</summary>
    public bool ShouldAsk() =>
        Volatile.Read(ref _asked) == 0
        && (_failedAt is not { } failedAt || time.GetElapsedTime(failedAt) >= PauseAfterFailure)
        && Interlocked.Exchange(ref _asked, 1) == 0;

    public void AskAgainLater()
    {
        _failedAt = time.GetTimestamp();
        Volatile.Write(ref _asked, 0);
    }

    public LimitSettings For(ExchangeErrorHandlingOptions options)
    {
        var combined = _combined;
        if (!ReferenceEquals(combined?.From, options))
        {
            _combined = combined = new Combined(options, Combine(options));
        }

        return combined.Settings;
    }

    /// <summary>Reads the <c>rateLimits</c> of exchangeInfo; the reply may be cut off after them. False where it holds none.</summary>
    public bool Read(ReadOnlySpan<byte> exchangeInfo)
    {
        try
        {
            var reader = new Utf8JsonReader(exchangeInfo, isFinalBlock: false, state: default);
            while (reader.Read())
            {
                if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("rateLimits"u8))
                {
                    ReadLimits(ref reader);
                    _combined = null;
                    return true;
                }
            }
        }
        catch (Exception unreadable) when (unreadable is JsonException or InvalidOperationException)
        {
            // The documented figures stay in use. The second is for a name or text that is half a surrogate pair: well-formed as JSON, and no text.
        }

        return false;
    }

    private void ReadLimits(ref Utf8JsonReader reader)
    {
        string? type = null;
        string? interval = null;
        var count = 0;
        var limit = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.EndObject)
            {
                Apply(type, interval, count, limit);
            }
            else if (reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                if (!reader.Read())
                {
                    return;
                }

                switch (name)
                {
                    case "rateLimitType" when reader.TokenType == JsonTokenType.String: type = reader.GetString(); break;
                    case "interval" when reader.TokenType == JsonTokenType.String: interval = reader.GetString(); break;
                    case "intervalNum" when reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number): count = number; break;
                    case "limit" when reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number): limit = number; break;
                    default: reader.TrySkip(); break;
                }
            }
        }
    }

    private void Apply(string? type, string? interval, int count, int limit)
    {
        var window = limit > 0 ? RateLimitWindow.Named(type, interval, count) : null;
        _weightPerMinute = window == RateLimitWindow.Weight ? limit : _weightPerMinute;
        _ordersPer10Seconds = window == RateLimitWindow.ShortOrders ? limit : _ordersPer10Seconds;
        _ordersPerMinute = window == RateLimitWindow.LongOrders ? limit : _ordersPerMinute;
    }

    private LimitSettings Combine(ExchangeErrorHandlingOptions options) => new()
    {
        WeightPerMinute = options.Limits.WeightPerMinute ?? _weightPerMinute,
        OrdersPer10Seconds = options.Limits.OrdersPer10Seconds ?? _ordersPer10Seconds,
        OrdersPerMinute = options.Limits.OrdersPerMinute ?? _ordersPerMinute,
        PaceBeforeLimit = options.Limits.PaceBeforeLimit,
        MaxWaiters = options.Limits.MaxWaiters,
        ProbeTimeout = options.AttemptTimeout + ProbeSlack,
    };

    private sealed record Combined(ExchangeErrorHandlingOptions From, LimitSettings Settings);
}
