using System.Text.Json.Nodes;

namespace ExchangeResilience.Testing;

/// <summary>
/// The public trades of a contract: one at every full minute, each of the same quantity, at the price of that minute. Counts and volumes of any span follow from that.
/// Fills of the accounts are not among them.
/// </summary>
internal static class TradeTape
{
    private const int StepsTraded = 100;

    public static decimal Quantity(Instrument instrument) => instrument.Definition.MinQuantity * StepsTraded;

    /// <summary>How many trades there are from an instant on and before another.</summary>
    public static long Count(DateTimeOffset from, DateTimeOffset to) => Math.Max(0, First(to) - First(from));

    /// <summary>The number of the first trade from an instant on. Trades are numbered by their minutes.</summary>
    public static long First(DateTimeOffset from) => (from.ToUnixTimeMilliseconds() + 59_999) / 60_000;

    public static DateTimeOffset TimeOf(long number) => DateTimeOffset.UnixEpoch.AddMinutes(number);

    public static JsonObject Trade(Instrument instrument, long number)
    {
        var (price, quantity) = (instrument.Path.At(TimeOf(number)), Quantity(instrument));
        return new JsonObject
        {
            ["id"] = number,
            ["price"] = WireValue.Number(price),
            ["qty"] = WireValue.Number(quantity),
            ["quoteQty"] = WireValue.Number(price * quantity),
            ["time"] = WireValue.Time(TimeOf(number)),
            ["isBuyerMaker"] = IsBuyerMaker(number),
        };
    }

    public static JsonObject Aggregate(Instrument instrument, long number) => new()
    {
        ["a"] = number,
        ["p"] = WireValue.Number(instrument.Path.At(TimeOf(number))),
        ["q"] = WireValue.Number(Quantity(instrument)),
        ["f"] = number,
        ["l"] = number,
        ["T"] = WireValue.Time(TimeOf(number)),
        ["m"] = IsBuyerMaker(number),
    };

    private static bool IsBuyerMaker(long number) => number % 2 == 1;
}
