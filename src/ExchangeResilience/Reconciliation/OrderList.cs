namespace ExchangeResilience;

/// <summary>All orders of an account and symbol since a moment, in one answer.</summary>
internal sealed record OrderList
{
    /// <summary>The exchange's time, queried before the list was; 0 where the exchange did not give it.</summary>
    public required long AskedAtMs { get; init; }

    /// <summary>The earliest creation of an order that is shown.</summary>
    public required long SinceMs { get; init; }

    /// <summary>Why there is no list; null where there is one.</summary>
    public ExchangeError? Error { get; init; }

    public IReadOnlyList<OrderEvidence> Orders { get; init; } = [];

    public bool IsReadable { get; init; }

    /// <summary>Whether nothing is missing, so that an order which is not shown is not there.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Reads the reply to a query for all orders of a symbol.</summary>
    public static OrderList Read(QueryResult answer, long askedAtMs, long sinceMs, Claim claim)
    {
        var shown = answer.Error is null ? OrderEvidence.ReadItems(answer.Body) : null;
        var symbol = claim.Key.Symbol;
        var isReadable = shown?.All(order => order is { ClientOrderId: not null } && string.Equals(order.Symbol ?? symbol, symbol, StringComparison.Ordinal)) == true;
        return new OrderList
        {
            AskedAtMs = askedAtMs,
            SinceMs = sinceMs,
            Error = answer.Error,
            IsReadable = shown is not null,
            Orders = [.. shown?.OfType<OrderEvidence>() ?? []],
            IsWhole = isReadable && shown!.Count < claim.Origin.Venue.MostListed,
        };
    }
}
