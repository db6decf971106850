using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ExchangeResilience;

/// <summary>One record of an additive endpoint's history that agrees with a request, with the bytes the exchange used.</summary>
internal sealed record HistoryRecord(byte[] Raw)
{
    /// <summary>The records that may be a request's doing; null where the bytes are no list.</summary>
    public static IReadOnlyList<HistoryRecord>? ReadMatching(ReadOnlyMemory<byte> body, ExchangeOperation operation, AttemptWindow window) => EvidenceJson.Read<IReadOnlyList<HistoryRecord>>(
        body,
        list => list.ValueKind == JsonValueKind.Array
            ? [.. list.EnumerateArray().Where(record => Agrees(record, operation, window)).Select(record => new HistoryRecord(Encoding.UTF8.GetBytes(record.GetRawText())))]
            : null);

    /// <summary>A value as it is compared: numbers by their value, everything else as it is written.</summary>
    public static string Normal(string value) =>
        OrderEvidence.TryNumber(value, out var number) ? (number / 1.000000000000000000000000000m).ToString(CultureInfo.InvariantCulture) : value;

    private static bool Agrees(JsonElement record, ExchangeOperation operation, AttemptWindow window)
    {
        var history = operation.Endpoint.History!;
        return record.ValueKind == JsonValueKind.Object
            && window.Covers(TimeOf(record, operation))
            && history.Comparisons.All(name => !operation.Traits!.TryGetValue(name, out var asked) || Same(asked, OrderEvidence.Text(record, name)))
            && history.Marks.All(mark => Same(mark.Value, OrderEvidence.Text(record, mark.Key)));
    }

    private static long TimeOf(JsonElement record, ExchangeOperation operation) => OrderEvidence.Milliseconds(record, operation.Endpoint.History!.TimeName);

    private static bool Same(string asked, string? found) => found is not null && string.Equals(Normal(asked), Normal(found), StringComparison.OrdinalIgnoreCase);
}
