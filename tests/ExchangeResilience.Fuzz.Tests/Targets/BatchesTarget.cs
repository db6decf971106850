using System.Text;
using System.Text.Json;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>The JSON in which a caller asks for several orders at once.</summary>
internal sealed class BatchesTarget : FuzzTarget<BatchesTarget.Outcome>
{
    private static readonly EndpointTable Table = ExchangeVenue.BinanceUsdFutures.Endpoints;
    private static readonly (ExchangeEndpoint Batch, string Parameter)[] Rows =
    [
        (Table.Find(HttpMethod.Post, "/fapi/v1/batchOrders"), "batchOrders"),
        (Table.Find(HttpMethod.Put, "/fapi/v1/batchOrders"), "batchOrders"),
        (Table.Find(HttpMethod.Delete, "/fapi/v1/batchOrders"), "orderIdList"),
        (Table.Find(HttpMethod.Delete, "/fapi/v1/batchOrders"), "origClientOrderIdList"),
    ];

    public override string Name => "batches";

    public override int Inputs => 40_000;

    public override int SelectorBytes => 1;

    public override IReadOnlyList<byte[]> Seeds { get; } = [.. Corpus.With(1, Corpus.Lines("batches.txt")), .. Enumerable.Range(0, 4).SelectMany(row => Corpus.Lines("batches.txt").Select(line => (byte[])[(byte)row, .. Bytes(line)]))];

    public override IReadOnlyList<string> Words => ["\"newClientOrderId\":\"\",", "\"reduceOnly\":true,", "\"closePosition\":\"true\","];

    public override IReadOnlyList<string> Milestones => ["items", "none", "a reducing item", "a name given"];

    public override (long Base, long PerByte) Allocation => (16 * 1024, 1024);

    protected override Outcome Act(byte[] input)
    {
        var (batch, parameter) = Rows[Choice(input, 0) % Rows.Length];
        var form = ParameterText.Append("symbol=BTCUSDT", parameter, Encoding.UTF8.GetString(Content(input)));
        var items = BatchReader.Read(batch, Table.Find(batch.Method, "/fapi/v1/order"), parameter, new RequestParameters(null, form), _ => false);
        var named = batch.ItemsParameter is null ? null : items?.Items.Select(item => BatchReader.With(item.Json, "newClientOrderId", "given")).ToList();
        return new(items, items is null ? "" : BatchItems.Write(items.Items), named ?? []);
    }

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        if (outcome.Items is not { } read)
        {
            Reach("none");
            return null;
        }

        Reach("items");
        using var document = ParseText(Encoding.UTF8.GetString(Content(input)));
        using var written = ParseText(outcome.Written);
        if (document?.RootElement.ValueKind != JsonValueKind.Array || document.RootElement.GetArrayLength() != read.Items.Count || written is null || !written.RootElement.EnumerateArray().Select(item => item.GetRawText()).SequenceEqual(document.RootElement.EnumerateArray().Select(item => item.GetRawText())))
        {
            return "other items than the caller asked for";
        }

        foreach (var named in outcome.Named)
        {
            Reach("a name given");
            using var item = ParseText(named);
            if (item is null || Wire.Only(item.RootElement, "newClientOrderId") != "given")
            {
                return "an item that does not bear the name it was given";
            }
        }

        foreach (var (element, item) in document.RootElement.EnumerateArray().Zip(read.Items))
        {
            if (item.Operation.Risk != RiskDirection.Reducing)
            {
                continue;
            }

            Reach("a reducing item");
            if (!Says(element, "closePosition", "true") && !Says(element, "reduceOnly", "true")
                && !(Says(element, "positionSide", "LONG") && Says(element, "side", "SELL")) && !(Says(element, "positionSide", "SHORT") && Says(element, "side", "BUY")))
            {
                return "an item taken for a reducing one that does not say so";
            }
        }

        return null;
    }

    private static bool Says(JsonElement item, string name, string value) =>
        Wire.Members(item, name).ToList() is [var only] && string.Equals(only.ValueKind == JsonValueKind.True ? "true" : Wire.Text(only), value, StringComparison.OrdinalIgnoreCase);

    private static JsonDocument? ParseText(string text) => Wire.Parse(Encoding.UTF8.GetBytes(text), unique: true);

    internal sealed record Outcome(BatchItems? Items, string Written, IReadOnlyList<string> Named)
    {
        public override string ToString() => $"{Items?.Items.Count} items: {Written} named {string.Join(' ', Named)}";
    }
}
