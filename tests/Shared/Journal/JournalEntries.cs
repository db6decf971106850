using System.Globalization;

namespace ExchangeResilience.Journal;

/// <summary>Entries to write down: one per number, alike in every run.</summary>
internal static class JournalEntries
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>An order as it stands before it first leaves. Orders of one number share their key, whatever their id and run.</summary>
    public static JournalEntry Order(int number, string run = "run1", string? id = null) => new()
    {
        Id = id ?? Padded(run, number),
        Run = Padded(run, 0),
        Key = new("live", "main", "BTCUSDT", OperationKind.Place, string.Create(CultureInfo.InvariantCulture, $"order-{number}")),
        ClientName = "futures",
        Host = new Uri("https://exchange.example"),
        Venue = "BinanceUsdFutures",
        Method = "POST",
        Path = "/fapi/v1/order",
        ClientOrderId = string.Create(CultureInfo.InvariantCulture, $"order-{number}"),
        Fingerprint = "d41d8cd98f00b204e9800998ecf8427e",
        Side = "BUY",
        Type = "LIMIT",
        Quantity = 0.001m * number,
        Price = 50_000.1m,
        CreatedAt = Start,
        Attempts = [Attempt(0)],
    };

    public static JournalAttempt Attempt(int number) => new(
        Start.ToUnixTimeMilliseconds() + (1000L * number), Start.ToUnixTimeMilliseconds() + (1000L * number) + 5000, 5000);

    public static JournalEntry Settled(this JournalEntry entry, JournalState state, int rechecksLeft = 0, DateTimeOffset? at = null) => entry with
    {
        State = state,
        Evidence = "GET order",
        SettledAt = at ?? Start.AddSeconds(1),
        RechecksLeft = rechecksLeft,
        Heard = true,
    };

    // An id is 20 letters and digits; the x keeps the runs 1 and 10 apart.
    private static string Padded(string run, int number) => $"{run}x{number.ToString(CultureInfo.InvariantCulture).PadLeft(19 - run.Length, '0')}";
}
