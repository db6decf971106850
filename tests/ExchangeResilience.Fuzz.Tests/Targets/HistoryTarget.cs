using System.Text.Json;
using ExchangeResilience.Tests.Reconciliation;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>The history of position margin, in which an addition of 1000 is sought.</summary>
internal sealed class HistoryTarget : FuzzTarget<IReadOnlyList<HistoryRecord>?>
{
    private static readonly ExchangeOperation Operation = ClaimedRequest.Operation("POST /fapi/v1/positionMargin", "symbol=BTCUSDT&type=1&amount=1000");

    public override string Name => "history";

    public override int Inputs => 50_000;

    public override IReadOnlyList<byte[]> Seeds { get; } = Corpus.With(0, Corpus.Lines("history.txt"));

    public override IReadOnlyList<string> Words => ["\"1,000\"", "\"1000.00\"", "USER_ADJUST", "TRADE", "1000"];

    public override IReadOnlyList<string> Milestones => ["a record", "none", "no list"];

    public override (long Base, long PerByte) Allocation => (16 * 1024, 128);

    protected override IReadOnlyList<HistoryRecord>? Act(byte[] input) => HistoryRecord.ReadMatching(input, Operation, Claimed.Window);

    protected override string? Judge(byte[] input, IReadOnlyList<HistoryRecord>? outcome)
    {
        Reach(outcome is null ? "no list" : outcome.Count == 0 ? "none" : "a record");
        if (outcome is null)
        {
            return null;
        }

        using var document = Wire.Parse(input, unique: true);
        return document?.RootElement.ValueKind != JsonValueKind.Array ? "a history out of bytes that are no unambiguous list"
            : outcome.Count > document.RootElement.EnumerateArray().Count(IsOurs) ? "a record taken for ours that the bytes do not show"
            : null;
    }

    private static bool IsOurs(JsonElement record) =>
        Claimed.IsWithin(record, "time")
        && string.Equals(Wire.Only(record, "symbol"), "BTCUSDT", StringComparison.OrdinalIgnoreCase)
        && string.Equals(Wire.Only(record, "deltaType"), "USER_ADJUST", StringComparison.OrdinalIgnoreCase)
        && Wire.Decimal(Wire.Only(record, "type")) == 1
        && Wire.Decimal(Wire.Only(record, "amount")) == 1000;
}
