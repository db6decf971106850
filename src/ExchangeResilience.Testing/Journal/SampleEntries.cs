using System.Globalization;

namespace ExchangeResilience.Testing;

/// <summary>Entries to write down: one per number, alike in every run.</summary>
internal static class SampleEntries
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>An order as it stands before it first leaves. Orders of one number share their key, whatever their id and run.</summary>
    public static JournalEntry Order(int number, string run = "run1", string? id = null)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"order-{number}");
        return new()
        {
            Id = id ?? Padded(run, number),
            Run = Padded(run, 0),
            Key = new("live", "main", "BTCUSDT", OperationKind.Place, name),
            ClientName = "futures",
            Host = new Uri("https://exchange.example"),
            Venue = "BinanceUsdFutures",
            Method = "POST",
            Path = "/fapi/v1/order",
            ClientOrderId = name,
            Fingerprint = "d41d8cd98f00b204e9800998ecf8427e",
            Side = "BUY",
            Type = "LIMIT",
            Quantity = 0.001m * number,
            Price = 50_000.1m,
            CreatedAt = Start,
            Attempts = [Attempt(0)],
        };
    }

    public static JournalAttempt Attempt(int number)
    {
        var stamp = Start.ToUnixTimeMilliseconds() + (1000L * number);
        return new(stamp, stamp + 5000, 5000);
    }

    public static JournalEntry Settled(this JournalEntry entry, JournalState state, int rechecksLeft = 0) => entry with
    {
        State = state,
        Evidence = "GET order",
        SettledAt = Start.AddSeconds(1),
        RechecksLeft = rechecksLeft,
        Heard = true,
    };

    public static JournalHold Hold(int seconds, TrafficLane lane = TrafficLane.Ip) =>
        new("live", lane, "default", -1003, Start.AddSeconds(seconds).ToUnixTimeMilliseconds(), Start.AddSeconds(seconds));

    // An id is 20 letters and digits; the x keeps the runs 1 and 10 apart.
    private static string Padded(string run, int number) => $"{run}x{number.ToString(CultureInfo.InvariantCulture).PadLeft(19 - run.Length, '0')}";
}
