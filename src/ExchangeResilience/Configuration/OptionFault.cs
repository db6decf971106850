using System.Text.RegularExpressions;

namespace ExchangeResilience;

/// <summary>Words a fault in the settings, always in the same order: key path, value, what is wrong, what to do.</summary>
internal static partial class OptionFault
{
    private const string Mask = "***";

    public static string Of(string path, string value, string problem, string remedy) => Shown($"{path}: '{value}' {problem}; {remedy}");

    /// <summary>For values that must not be repeated, or where there is none.</summary>
    public static string Of(string path, string problem, string remedy) => $"{Shown(path)}: {problem}; {remedy}";

    /// <summary>A fault under the path of its settings in configuration; under the client's name where they are made in code, whose paths are property names alone, or by several sections.</summary>
    public static string Below(string client, IEnumerable<string> sections, string fault) => sections.ToList() switch
    {
        [] => $"client '{client}': {fault}",
        [var only] => $"{only}:{fault}",
        var several => $"client '{client}' ({string.Join(", ", several)}): {fault}",
    };

    public static string OutOfRange(string path, string value, string least, string most) => Of(path, value, "is out of range", $"choose {least} to {most}");

    public static string OutOfRange(string path, TimeSpan value, TimeSpan least, TimeSpan most) =>
        OutOfRange(path, DurationText.Format(value), DurationText.Format(least), DurationText.Format(most));

    /// <summary>The value of an enum is none of its names, which only code can bring about.</summary>
    public static string Undefined<T>(string path, T value) where T : struct, Enum =>
        Of(path, value.ToString(), "is not defined", $"choose from {string.Join(", ", Names.Of<T>())}");

    /// <summary>A value that is none of its setting's kind: whole where it is as short as those are, else its first characters, since what is longer may be a secret in the wrong place.</summary>
    public static string Start(string value)
    {
        // As long as a duration, a number or a prefix is written.
        const int Longest = 12, Few = 4;
        var shown = Shown(value);
        return shown.Length <= Longest ? shown : $"{shown.AsSpan(0, Few)}…";
    }

    /// <summary>Whether a text has a word that is masked where a fault would show it.</summary>
    public static bool MayHoldSecret(string text) => Secret().IsMatch(text);

    private static string Shown(string text) => Secret().Replace(text, Mask);

    // What may stand in the wrong place. No key or value of these settings is that long in one word; API keys, secrets and the lines of a PEM are. A connection string or an address
    // names its password.
    // It has no limit of wall time, which a machine that stands still for a second would exceed: its look-behinds are bounded, so that its time grows with the text alone.
    [GeneratedRegex("[A-Z0-9+/=_-]{41,}|(?<=(?:password|pwd|passphrase|secret|token|key) {0,3}= {0,3})[^;,' ]+|(?<=://)[^/@' ]+(?=@)|-----BEGIN[^']*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, matchTimeoutMilliseconds: -1)]
    private static partial Regex Secret();
}
