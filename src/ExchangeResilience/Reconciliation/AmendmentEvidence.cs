using System.Text.Json;

namespace ExchangeResilience;

/// <summary>One entry of an order's modification history: what price and quantity became, and when.</summary>
internal readonly record struct AmendmentEvidence(long TimeMs, decimal? Price, decimal? Quantity)
{
    /// <summary>The exchange's id of the order; null where the entry does not say.</summary>
    public string? OrderId { get; init; }

    /// <summary>The price and the quantity it replaced.</summary>
    public decimal? PriceBefore { get; init; }
    public decimal? QuantityBefore { get; init; }

    /// <summary>Reads a modification history; null where the bytes are not one.</summary>
    public static IReadOnlyList<AmendmentEvidence>? ReadAll(ReadOnlyMemory<byte> body) => EvidenceJson.Read<IReadOnlyList<AmendmentEvidence>>(
        body, static list => list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Where(entry => entry.ValueKind == JsonValueKind.Object).Select(Read)] : null);

    public bool IsOfAnotherThan(OrderEvidence order) => OrderId is not null && order.OrderId is not null && !string.Equals(OrderId, order.OrderId, StringComparison.Ordinal);

    private static AmendmentEvidence Read(JsonElement entry)
    {
        var amendment = entry.TryGetProperty("amendment", out var nested) && nested.ValueKind == JsonValueKind.Object ? nested : default;
        return new AmendmentEvidence(OrderEvidence.Milliseconds(entry, "time"), Read(amendment, "price", "after"), Read(amendment, "origQty", "after"))
        {
            OrderId = OrderEvidence.Text(entry, "orderId"),
            PriceBefore = Read(amendment, "price", "before"),
            QuantityBefore = Read(amendment, "origQty", "before"),
        };
    }

    private static decimal? Read(JsonElement amendment, string name, string side) =>
        amendment.ValueKind == JsonValueKind.Object && amendment.TryGetProperty(name, out var change) && change.ValueKind == JsonValueKind.Object
            ? OrderEvidence.Number(change, side)
            : null;
}
