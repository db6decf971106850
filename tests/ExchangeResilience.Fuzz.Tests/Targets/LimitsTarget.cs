using System.Globalization;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>The limits of exchangeInfo, of which the first bytes may be all there is.</summary>
internal sealed class LimitsTarget : FuzzTarget<LimitsTarget.Outcome>
{
    private static readonly ManualTimeProvider Time = new();
    private static readonly ExchangeErrorHandlingOptions Options = new();

    public override string Name => "limits";

    public override int Inputs => 60_000;

    public override IReadOnlyList<byte[]> Seeds { get; } = Corpus.With(0, Corpus.Lines("limits.txt"));

    public override IReadOnlyList<string> Words => ["\"rateLimits\":[", "REQUEST_WEIGHT", "ORDERS", "MINUTE", "SECOND", "\"limit\":1", "\"intervalNum\":10"];

    public override IReadOnlyList<string> Milestones => ["limits", "none"];

    public override (long Base, long PerByte) Allocation => (4 * 1024, 64);

    protected override Outcome Act(byte[] input)
    {
        var limits = new ObservedLimits(Time, 1001, 1002, 1003);
        return new(limits.Read(input), limits.For(Options));
    }

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        Reach(outcome.IsRead ? "limits" : "none");
        return Fault(input, outcome.Settings.WeightPerMinute, 1001) ?? Fault(input, outcome.Settings.OrdersPer10Seconds, 1002) ?? Fault(input, outcome.Settings.OrdersPerMinute, 1003);
    }

    private static string? Fault(byte[] input, int? limit, int documented) =>
        limit == documented ? null
        : limit is not > 0 ? "a limit that lets nothing pass"
        : !Wire.Latin(input).Contains(limit.Value.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) ? "a limit that does not stand in the bytes"
        : null;

    internal sealed record Outcome(bool IsRead, LimitSettings Settings);
}
