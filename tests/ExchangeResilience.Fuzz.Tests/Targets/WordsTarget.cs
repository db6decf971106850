using System.Text;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>Single values of settings: durations and selectors.</summary>
internal sealed class WordsTarget : FuzzTarget<WordsTarget.Outcome>
{
    public override string Name => "words";

    public override int Inputs => 100_000;

    public override IReadOnlyList<byte[]> Seeds { get; } = Corpus.With(0, Corpus.Lines("words.txt"));

    public override IReadOnlyList<string> Words => ["ms", "s", "h", "d", "..", "-2147483648", "Http", "999999999999", "0.000000001", "9999.23:59:59"];

    public override IReadOnlyList<string> Milestones => ["a duration", "a selector", "neither"];

    // The nearest name is sought by a table of the text's length times each name's.
    public override (long Base, long PerByte) Allocation => (64 * 1024, 4 * 1024);

    protected override Outcome Act(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        return new(
            DurationText.TryParse(text, out var duration) ? duration : null,
            Selector.TryParse(text, out var selector, out var remedy) ? selector : null,
            remedy);
    }

    protected override string? Judge(byte[] input, Outcome outcome)
    {
        if (outcome.Duration is { } duration)
        {
            Reach("a duration");
            if (duration < TimeSpan.Zero || !DurationText.TryParse(DurationText.Format(duration), out var again) || again != duration)
            {
                return "a duration that is negative or cannot be written and read again";
            }
        }

        if (outcome.Selector is { } selector)
        {
            Reach("a selector");
            if (outcome.Remedy.Length > 0 || !Selector.TryParse(selector.ToString(), out var again, out _) || again != selector || selector.Width < 1)
            {
                return "a selector that cannot be written and read again";
            }
        }
        else
        {
            Reach("neither");
        }

        return outcome.Selector is null && outcome.Remedy.Length == 0 ? "a refusal without a remedy" : null;
    }

    internal sealed record Outcome(TimeSpan? Duration, Selector? Selector, string Remedy);
}
