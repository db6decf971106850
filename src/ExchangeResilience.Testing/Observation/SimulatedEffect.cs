namespace ExchangeResilience.Testing;

/// <summary>One thing a request did to one order, whatever reply its sender got. A batch has one for each of its items that worked.</summary>
public sealed record SimulatedEffect
{
    /// <summary>What it did.</summary>
    public required EffectKind Kind { get; init; }

    /// <summary>The request, by its <see cref="ReceivedRequest.Number"/>.</summary>
    public required long RequestNumber { get; init; }

    /// <summary>When, as <see cref="ReceivedRequest.Elapsed"/> counts.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The account it was done to.</summary>
    public string Account { get; init; } = "";

    /// <summary>The exchange's id of the order; of a conditional order its algoId, zero for a change of margin.</summary>
    public required long OrderId { get; init; }

    /// <summary>The contract.</summary>
    public required string Symbol { get; init; }

    /// <summary>The client's id, or the one the exchange gave it.</summary>
    public required string ClientOrderId { get; init; }

    /// <summary>The order's price afterwards, of a conditional order the trigger; zero for a market order and a change of margin.</summary>
    public required decimal Price { get; init; }

    /// <summary>The order's quantity afterwards; of a change of margin the amount, negative where it was taken.</summary>
    public required decimal Quantity { get; init; }

    /// <summary>The quantity ordered: more than <see cref="Quantity"/> where a reduce-only order was cut to the position.</summary>
    public decimal AskedQuantity { get; init; }
}
