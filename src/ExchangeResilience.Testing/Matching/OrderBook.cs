namespace ExchangeResilience.Testing;

/// <summary>
/// The book of a contract: a made-up level at every tick on both sides of the market price, and the orders that rest there. Market orders fill in full at the market price all the same.
/// </summary>
internal static class OrderBook
{
    private const int SmallestLevel = 1_000;

    /// <summary>The best levels of a side, best first.</summary>
    public static IReadOnlyList<(decimal Price, decimal Quantity)> Side(MatchingEngine engine, Instrument instrument, bool bids, int levels)
    {
        var rules = instrument.Definition;
        var away = bids ? -rules.TickSize : rules.TickSize;
        var book = new Dictionary<decimal, decimal>();
        for (var level = 1; level <= levels && instrument.Price + (level * away) > 0; level++)
        {
            book[instrument.Price + (level * away)] = rules.MinQuantity * (SmallestLevel + (37 * level % 900));
        }

        foreach (var order in engine.Resting(instrument))
        {
            if (order.Draft.IsBuy == bids)
            {
                book[order.Price] = book.GetValueOrDefault(order.Price) + order.Quantity - order.Executed;
            }
        }

        var best = bids ? book.OrderByDescending(static level => level.Key) : book.OrderBy(static level => level.Key);
        return [.. best.Take(levels).Select(static level => (level.Key, level.Value))];
    }
}
