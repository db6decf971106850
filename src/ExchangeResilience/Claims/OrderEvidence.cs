using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace ExchangeResilience;

/// <summary>An order as the exchange describes it, with the bytes it used.</summary>
internal sealed record OrderEvidence
{
    public string? ClientOrderId { get; init; }
    public string? OrderId { get; init; }
    public string? Symbol { get; init => field = value?.ToUpperInvariant(); }
    public string? Side { get; init; }
    public string? Type { get; init; }
    public string? OriginalType { get; init; }
    public string? TimeInForce { get; init; }
    public string? Status { get; init; }
    public decimal? Quantity { get; init; }
    public decimal? Price { get; init; }
    public decimal? ExecutedQuantity { get; init; }
    public decimal? StopPrice { get; init; }
    public decimal? ActivationPrice { get; init; }
    public string? PositionSide { get; init; }
    public bool? ReduceOnly { get; init; }

    /// <summary>When the order was created, on the exchange's clock; 0 where the reply does not say.</summary>
    public long TimeMs { get; init; }
    public long UpdateTimeMs { get; init; }
    public required byte[] Raw { get; init; }

    /// <summary>Whether it can still be filled or cancelled.</summary>
    public bool IsOpen => Status is OrderStatuses.New or OrderStatuses.PartiallyFilled;

    /// <summary>Whether the exchange has recorded it and refused it.</summary>
    public bool IsRejected => Status == OrderStatuses.Rejected;

    /// <summary>Whether it is another order than the one a request names; false where either does not say. An id is taken once in each market.</summary>
    public bool IsOtherThan(ExchangeOperation operation) =>
        Differs(operation.OrderId, OrderId) || (operation.OrderId is null && Differs(operation.ClientOrderId, ClientOrderId))
        || Differs(operation.Symbol, Symbol) || Differs(operation.Terms.Side, Side);

    /// <summary>Whether it shows that a change did not take effect, whatever the reply is that has it.</summary>
    public bool IsUnchangedBy(ExchangeOperation operation) => operation.Kind switch
    {
        OperationKind.Cancel => IsOpen,
        OperationKind.Amend => Differs(operation.Terms.Price, Price) || (ReduceOnly != true && Differs(operation.Terms.Quantity, Quantity)),
        _ => false,
    };

    /// <summary>Reads one order object; null where the bytes are not one.</summary>
    public static OrderEvidence? Read(ReadOnlyMemory<byte> body) => EvidenceJson.Read(body, Read);

    /// <summary>Which order an object is of, its state, and no more of it; null where the bytes are not one.</summary>
    public static OrderEvidence? ReadName(ReadOnlyMemory<byte> body) => EvidenceJson.Read(body, static order => order.ValueKind == JsonValueKind.Object && IdOf(order) is { } id
        ? new OrderEvidence { OrderId = id, ClientOrderId = ClientIdOf(order), Symbol = Text(order, "symbol"), Side = Text(order, "side"), Status = StatusOf(order), Raw = [] }
        : null);

    /// <summary>Reads an array of order objects; null where the bytes are not one.</summary>
    public static IReadOnlyList<OrderEvidence>? ReadAll(ReadOnlyMemory<byte> body) => ReadItems(body) is { } items ? [.. items.OfType<OrderEvidence>()] : null;

    /// <summary>As above, with null in the place of what is no order.</summary>
    public static IReadOnlyList<OrderEvidence?>? ReadItems(ReadOnlyMemory<byte> body) => EvidenceJson.Read<IReadOnlyList<OrderEvidence?>>(
        body, static list => list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(Read)] : null);

    private static OrderEvidence? Read(JsonElement order)
    {
        if (order.ValueKind != JsonValueKind.Object || IdOf(order) is not { } orderId)
        {
            return null;
        }

        return new OrderEvidence
        {
            OrderId = orderId,
            ClientOrderId = ClientIdOf(order),
            Symbol = Text(order, "symbol"),
            Side = Text(order, "side"),
            Type = Text(order, "type") ?? Text(order, "orderType"),
            OriginalType = Text(order, "origType"),
            TimeInForce = Text(order, "timeInForce"),
            Status = StatusOf(order),
            Quantity = Number(order, "origQty") ?? Number(order, "quantity"),
            Price = Number(order, "price"),
            ExecutedQuantity = Number(order, "executedQty"),
            StopPrice = Number(order, "stopPrice") ?? Number(order, "triggerPrice"),
            ActivationPrice = Number(order, "activatePrice") ?? Number(order, "activationPrice"),
            PositionSide = Text(order, "positionSide"),
            ReduceOnly = Flag(order, "reduceOnly"),
            TimeMs = Milliseconds(order, "time") is var time and > 0 ? time : Milliseconds(order, "createTime"),
            UpdateTimeMs = Milliseconds(order, "updateTime"),
            Raw = JsonBytes(order),
        };
    }

    private static string? IdOf(JsonElement order) => Text(order, "orderId") ?? Text(order, "algoId");

    private static string? ClientIdOf(JsonElement order) => Text(order, "clientOrderId") ?? Text(order, "clientAlgoId");

    private static string? StatusOf(JsonElement order) => Text(order, "status") ?? Text(order, "algoStatus");

    private static bool Differs(string? asked, string? answered) => asked is not null && answered is not null && !string.Equals(asked, answered, StringComparison.Ordinal);

    private static bool Differs(decimal? asked, decimal? answered) => asked > 0 && answered > 0 && asked != answered;

    private static byte[] JsonBytes(JsonElement order) => JsonMarshal.GetRawUtf8Value(order).ToArray();

    internal static string? Text(JsonElement order, string name) => !order.TryGetProperty(name, out var value)
        ? null
        : value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Number => value.GetRawText(),
            _ => null,
        };

    internal static bool? Flag(JsonElement order, string name) => !order.TryGetProperty(name, out var value)
        ? null
        : value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => null,
        };

    /// <summary>A number as the exchange writes it: without blanks, groups or the zero bytes that .NET overlooks at its end.</summary>
    internal static decimal? Number(JsonElement order, string name) => TryNumber(Text(order, name), out var number) ? number : null;

    internal static bool TryNumber(string? text, out decimal number) =>
        decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number) && text is [not '+', ..] and [.., not '\0'];

    internal static long Milliseconds(JsonElement order, string name) =>
        Text(order, name) is [.., not '\0'] text && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var time) ? time : 0;
}
