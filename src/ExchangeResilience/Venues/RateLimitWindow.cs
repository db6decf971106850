namespace ExchangeResilience;

/// <summary>A window in which the exchange counts from the start, and its name in the <c>rateLimits</c> of exchangeInfo. Windows that a reply's headers show are added while the program runs.</summary>
internal sealed record RateLimitWindow(TrafficLane Lane, TimeSpan Length, string Type, string Interval, int Count)
{
    public static RateLimitWindow Weight { get; } = new(TrafficLane.Ip, TimeSpan.FromMinutes(1), "REQUEST_WEIGHT", "MINUTE", 1);
    public static RateLimitWindow ShortOrders { get; } = new(TrafficLane.Orders, TimeSpan.FromSeconds(10), "ORDERS", "SECOND", 10);
    public static RateLimitWindow LongOrders { get; } = new(TrafficLane.Orders, TimeSpan.FromMinutes(1), "ORDERS", "MINUTE", 1);

    private static readonly RateLimitWindow[] All = [Weight, ShortOrders, LongOrders];

    public static RateLimitWindow[] Of(TrafficLane lane) => Array.FindAll(All, window => window.Lane == lane);

    /// <summary>The window that a row of <c>rateLimits</c> is about; null where it is none of these.</summary>
    public static RateLimitWindow? Named(string? type, string? interval, int count) =>
        Array.Find(All, window => window.Type == type && window.Interval == interval && window.Count == count);
}
