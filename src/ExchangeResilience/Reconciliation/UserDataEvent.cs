using System.Text.Json;

namespace ExchangeResilience;

/// <summary>What an event of the user data stream says about one order.</summary>
/// <param name="Order">The order, with the names that REST replies use.</param>
/// <param name="IsCreation">Whether it reports the order's acceptance, so that its time is when the order was created.</param>
/// <param name="IsAmendment">Whether it reports an amendment, so that its time is when that took effect.</param>
internal sealed record UserDataEvent(OrderEvidence Order, bool IsCreation, bool IsAmendment)
{
    /// <summary>Reads <c>ORDER_TRADE_UPDATE</c> and <c>ALGO_UPDATE</c> (user data streams pages); null for every other event, and for what is none.</summary>
    public static UserDataEvent? Read(ReadOnlyMemory<byte> payload) => EvidenceJson.Read(payload, Read);

    private static UserDataEvent? Read(JsonElement root)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("o", out var order) || order.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        return OrderEvidence.Text(root, "e") switch
        {
            "ORDER_TRADE_UPDATE" => ReadOrder(root, order),
            "ALGO_UPDATE" => ReadConditional(root, order),
            _ => null,
        };
    }

    private static UserDataEvent ReadOrder(JsonElement root, JsonElement order)
    {
        var execution = OrderEvidence.Text(order, "x");
        var time = OrderEvidence.Milliseconds(order, "T") is var own and > 0 ? own : OrderEvidence.Milliseconds(root, "T");
        var evidence = ReadCommon(order, time) with
        {
            OrderId = OrderEvidence.Text(order, "i"),
            ClientOrderId = OrderEvidence.Text(order, "c"),
            OriginalType = OrderEvidence.Text(order, "ot"),
            ExecutedQuantity = OrderEvidence.Number(order, "z"),
            StopPrice = OrderEvidence.Number(order, "sp"),
            Raw = AsRest(order, time, ["orderId", "i", "clientOrderId", "c", "symbol", "s", "side", "S", "type", "o", "origType", "ot", "timeInForce", "f", "status", "X",
                "origQty", "q", "price", "p", "avgPrice", "ap", "executedQty", "z", "stopPrice", "sp", "positionSide", "ps"]),
        };
        return new UserDataEvent(evidence, string.Equals(execution, OrderStatuses.New, StringComparison.Ordinal), string.Equals(execution, OrderStatuses.Amendment, StringComparison.Ordinal));
    }

    private static UserDataEvent ReadConditional(JsonElement root, JsonElement order)
    {
        var time = OrderEvidence.Milliseconds(root, "T");
        var evidence = ReadCommon(order, time) with
        {
            OrderId = OrderEvidence.Text(order, "aid"),
            ClientOrderId = OrderEvidence.Text(order, "caid"),
            StopPrice = OrderEvidence.Number(order, "tp"),
            Raw = AsRest(order, time, ["algoId", "aid", "clientAlgoId", "caid", "symbol", "s", "side", "S", "orderType", "o", "timeInForce", "f", "algoStatus", "X",
                "quantity", "q", "price", "p", "triggerPrice", "tp", "positionSide", "ps"]),
        };
        return new UserDataEvent(evidence, string.Equals(evidence.Status, OrderStatuses.New, StringComparison.Ordinal), IsAmendment: false);
    }

    private static OrderEvidence ReadCommon(JsonElement order, long time) => new()
    {
        Symbol = OrderEvidence.Text(order, "s"),
        Side = OrderEvidence.Text(order, "S"),
        Type = OrderEvidence.Text(order, "o"),
        TimeInForce = OrderEvidence.Text(order, "f"),
        Status = OrderEvidence.Text(order, "X"),
        Quantity = OrderEvidence.Number(order, "q"),
        Price = OrderEvidence.Number(order, "p"),
        ActivationPrice = OrderEvidence.Number(order, "AP"),
        PositionSide = OrderEvidence.Text(order, "ps"),
        ReduceOnly = OrderEvidence.Flag(order, "R"),
        TimeMs = time,
        UpdateTimeMs = time,
        Raw = [],
    };

    /// <summary>The event as the look-up of the order would show it: a search for the order reads one format only.</summary>
    private static byte[] AsRest(JsonElement order, long time, string[] names)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            for (var index = 0; index < names.Length; index += 2)
            {
                Copy(writer, order, names[index], names[index + 1]);
            }

            writer.WriteNumber("updateTime", time);
            writer.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void Copy(Utf8JsonWriter writer, JsonElement order, string name, string from)
    {
        if (order.TryGetProperty(from, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }
}
