using ExchangeResilience.Testing;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>Replies of the time endpoint. A <see cref="ClockSampleRefusedException"/> is what a time that cannot be true deserves.</summary>
internal sealed class TimesTarget : FuzzTarget<TimesTarget.Outcome>
{
    private static readonly ManualTimeProvider Time = new();

    public override string Name => "times";

    public override int Inputs => 60_000;

    public override IReadOnlyList<byte[]> Seeds { get; } = Corpus.With(0, [.. Corpus.Lines("times.txt"), .. Corpus.Lines("limits.txt")]);

    public override IReadOnlyList<string> Words => ["\"serverTime\":", "serverTime", "1483228800000", "4102444799999", "4102444800000", "-1767225600000"];

    public override IReadOnlyList<string> Milestones => ["a measurement", "no time"];

    public override (long Base, long PerByte) Allocation => (4 * 1024, 16);

    protected override Outcome Act(byte[] input)
    {
        if (ServerTime.Read(input) is not { } time)
        {
            return new(null, null);
        }

        return new(time, new ClockMeasurement(new ClockSample(time, 0, 1), 0, Time).Read());
    }

    protected override bool Allows(Exception error) => error is ClockSampleRefusedException;

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        Reach(outcome.Time is null ? "no time" : "a measurement");
        if (outcome is not { Time: { } time, Reading: { } reading })
        {
            return null;
        }

        if (!Wire.Latin(input).Contains(time.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal))
        {
            return "a time that does not stand in the bytes";
        }

        using var document = Wire.Parse(input);
        return document is not null && Wire.Members(document.RootElement, "serverTime").All(member => Wire.Whole(member) != time) ? "a time that is not the member's"
            : DateTimeOffset.FromUnixTimeMilliseconds(reading.NowMs).Year is < 2017 or > 2100 ? "a clock that shows an absurd year"
            : reading.StampMs > reading.NowMs ? "a stamp ahead of the estimate"
            : null;
    }

    internal sealed record Outcome(long? Time, ClockReading? Reading);
}
