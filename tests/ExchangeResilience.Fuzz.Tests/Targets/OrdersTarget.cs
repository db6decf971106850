using System.Text.Json;
using ExchangeResilience.Tests.Reconciliation;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>Replies of order queries, one order or a list, and what they prove of a claimed order.</summary>
internal sealed class OrdersTarget : FuzzTarget<OrdersTarget.Outcome>
{
    private const string Terms = "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1000&price=50000&newClientOrderId=my-order-1";
    private static readonly Claim Named = Claimed.Of("POST /fapi/v1/order", Terms);
    private static readonly Claim Generated = Claimed.Of("POST /fapi/v1/order", Terms, idIsGenerated: true);

    public override string Name => "orders";

    public override int Inputs => 80_000;

    public override IReadOnlyList<byte[]> Seeds { get; } = Corpus.With(0, [.. Corpus.Lines("orders.txt"), .. Corpus.Bodies.Where(body => body.Contains("orderId", StringComparison.Ordinal))]);

    public override IReadOnlyList<string> Words => ["\"1,000\"", "\"1000.000\"", "1e3", "\"clientOrderId\":\"my-order-2\",", "\"symbol\":\"ETHUSDT\",", "\"side\":\"SELL\",", "\"time\":1767225500000,"];

    public override IReadOnlyList<string> Milestones => ["ours", "a namesake", "a list", "no order"];

    // Every order keeps its own bytes, and a document costs several times what it holds.
    public override (long Base, long PerByte) Allocation => (16 * 1024, 128);

    protected override Outcome Act(byte[] input)
    {
        var one = OrderEvidence.Read(input);
        var found = one is null ? OrderEvidence.ReadAll(input) ?? [] : [one];
        return new(one, found, [.. found.Select(order => (EvidenceRules.JudgePlace(Named, order), EvidenceRules.JudgePlace(Generated, order), EvidenceRules.JudgeCancel(order)))]);
    }

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        if (outcome.Found.Count == 0)
        {
            Reach("no order");
            return null;
        }

        using var document = Wire.Parse(input, unique: true);
        if (document is null)
        {
            return "an order out of bytes that are no unambiguous JSON";
        }

        Reach(outcome.One is null ? "a list" : "a namesake");
        var orders = document.RootElement.ValueKind == JsonValueKind.Array ? [.. document.RootElement.EnumerateArray()] : new List<JsonElement> { document.RootElement };
        foreach (var (order, (named, generated, cancelled)) in outcome.Found.Zip(outcome.Judged))
        {
            var element = orders.Find(candidate => Wire.Latin(order.Raw) == Wire.Latin(System.Text.Encoding.UTF8.GetBytes(candidate.GetRawText())));
            if (element.ValueKind != JsonValueKind.Object || (Wire.Only(element, "orderId") ?? Wire.Only(element, "algoId")) is null)
            {
                return "an order without an id, or in other words than the exchange's";
            }

            if (named == Finding.Ours)
            {
                Reach("ours");
            }

            if ((named == Finding.Ours && !Claimed.MayBe(element, checkTime: true)) || (generated == Finding.Ours && !Claimed.MayBe(element, checkTime: false)))
            {
                return "an order taken for ours that the bytes do not show to be";
            }

            if (cancelled == ExecutionStatus.Executed && (Wire.Only(element, "status") ?? Wire.Only(element, "algoStatus")) != "CANCELED")
            {
                return "a cancel taken for done that the bytes do not show to be";
            }
        }

        return null;
    }

    internal sealed record Outcome(OrderEvidence? One, IReadOnlyList<OrderEvidence> Found, IReadOnlyList<(Finding Named, Finding Generated, ExecutionStatus Cancelled)> Judged)
    {
        public override string ToString() => string.Join(' ', Judged);
    }
}
