using System.Diagnostics;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>An invariant that an input broke.</summary>
/// <param name="Rule">Which: the same for every input that breaks it in the same way.</param>
/// <param name="Detail">How, with this input.</param>
internal sealed record Trouble(string Rule, string Detail)
{
    public static Trouble Of(Exception error)
    {
        var frames = new StackTrace(error).GetFrames();
        var own = Array.Find(frames, frame => frame.GetMethod()?.DeclaringType?.Namespace?.StartsWith("ExchangeResilience", StringComparison.Ordinal) == true)?.GetMethod();
        return new($"throws {error.GetType().Name} in {own?.DeclaringType?.Name}.{own?.Name}", error.ToString());
    }
}

/// <summary>An input that broke an invariant, as it was made and as small as it could be made.</summary>
internal sealed record Find(string Target, long Seed, long Index, Trouble Trouble, byte[] Input)
{
    public override string ToString() =>
        $"""
        {Target}: {Trouble.Rule}
          seed {Seed}, index {Index}
          build/fuzz.sh --target {Target} --replay {Convert.ToBase64String(Input)}
          {Printable(Input)}
          {Trouble.Detail.ReplaceLineEndings("\n  ")}
        """;

    private static string Printable(byte[] input)
    {
        const int most = 2000;
        var text = string.Concat(input.Take(most).Select(b => b is >= 0x20 and < 0x7F ? ((char)b).ToString() : $"\\x{b:X2}"));
        return input.Length > most ? $"{text}... ({input.Length} bytes)" : text;
    }
}
