using System.Text.Json;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>An order's history of amendments, and what it proves of a claimed one.</summary>
internal sealed class AmendmentsTarget : FuzzTarget<AmendmentsTarget.Outcome>
{
    private static readonly OrderTerms Terms = new("BUY", null, 1000, 50000);

    public override string Name => "amendments";

    public override int Inputs => 50_000;

    public override IReadOnlyList<byte[]> Seeds { get; } = Corpus.With(0, Corpus.Lines("amendments.txt"));

    public override IReadOnlyList<string> Milestones => ["shown", "not shown", "no list"];

    public override (long Base, long PerByte) Allocation => (16 * 1024, 128);

    protected override Outcome Act(byte[] input) =>
        AmendmentEvidence.ReadAll(input) is { } entries ? new(entries.Count, EvidenceRules.ShowsAmendment(Terms, [Claimed.Window], entries)) : new(-1, IsShown: false);

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        Reach(outcome.Entries < 0 ? "no list" : outcome.IsShown ? "shown" : "not shown");
        if (outcome.Entries < 0)
        {
            return null;
        }

        using var document = Wire.Parse(input, unique: true);
        return document?.RootElement.ValueKind != JsonValueKind.Array ? "a history out of bytes that are no unambiguous list"
            : outcome.IsShown && !document.RootElement.EnumerateArray().Any(IsOurs) ? "an amendment taken for ours that the bytes do not show"
            : null;
    }

    private static bool IsOurs(JsonElement entry) =>
        Claimed.IsWithin(entry, "time") && After(entry, "price") == 50000 && After(entry, "origQty") == 1000;

    private static decimal? After(JsonElement entry, string name) =>
        Wire.Members(entry, "amendment").ToList() is [var amendment] && Wire.Members(amendment, name).ToList() is [var change] ? Wire.Decimal(Wire.Only(change, "after")) : null;

    internal sealed record Outcome(int Entries, bool IsShown);
}
