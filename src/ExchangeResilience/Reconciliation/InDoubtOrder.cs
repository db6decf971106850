namespace ExchangeResilience;

/// <summary>An order whose outcome is unknown.</summary>
/// <param name="Symbol">The symbol, for example BTCUSDT; empty where the request named none.</param>
/// <param name="ClientOrderId">The id to look for; the exchange's own id where the request named no other. An order that was signed elsewhere and has no id is listed as <c>signed-</c> and a hash, by which the exchange finds nothing: look for it by its time and terms.</param>
/// <param name="Kind">Whether it was placed or amended.</param>
public sealed record InDoubtOrder(string Symbol, string ClientOrderId, OperationKind Kind)
{
    /// <summary>The named client it was sent through.</summary>
    public string ClientName { get; init; } = "";

    /// <summary>Whose order it is: the account's name, or a hash of its API key.</summary>
    public string Account { get; init; } = "";

    /// <summary><c>BUY</c> or <c>SELL</c>; null where the request did not say.</summary>
    public string? Side { get; init; }

    /// <summary>The order's type, for example <c>LIMIT</c>; null where the request did not say.</summary>
    public string? Type { get; init; }

    /// <summary>The quantity ordered, in the base asset; null where the request has none.</summary>
    public decimal? Quantity { get; init; }

    /// <summary>The price ordered, in the quote asset; null where the request has none, as a market order.</summary>
    public decimal? Price { get; init; }

    /// <summary>When it was claimed, by the local wall clock.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>The state of the search for its outcome.</summary>
    public InDoubtState State { get; init; }

    /// <summary>The look-ups made of it and their replies, oldest first.</summary>
    public IReadOnlyList<string> Trail { get; init; } = [];

    /// <summary>The outcome of a cancel that named the order while its outcome was unknown; null where none did.</summary>
    public KeptCancelFate? KeptCancel { get; init; }

    internal Claim? Claim { get; init; }

    /// <summary>Two are equal if they name the same order, however much is known of it.</summary>
    public bool Equals(InDoubtOrder? other) =>
        other is not null
        && Kind == other.Kind
        && string.Equals(Symbol, other.Symbol, StringComparison.Ordinal)
        && string.Equals(ClientOrderId, other.ClientOrderId, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Symbol, ClientOrderId, Kind);
}
