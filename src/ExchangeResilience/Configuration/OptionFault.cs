using System.Text.RegularExpressions;

namespace ExchangeResilience;

/// <summary>Words a fault in the settings, always in the same order: key path, value, what is wrong, what to do.</summary>
internal static partial class OptionFault
{
    private const string Mask = "***";

    public static string Of(string path, string value, string problem, string remedy) => $"{Shown(path)}: '{Shown(value)}' {Shown($"{problem}; {remedy}")}";

    /// <summary>For values that must not be repeated, or where there is none.</summary>
    public static string Of(string path, string problem, string remedy) => $"{Shown(path)}: {problem}; {remedy}";

    public static string OutOfRange(string path, string value, string least, string most) => Of(path, value, "is out of range", $"choose {least} to {most}");

    public static string OutOfRange(string path, TimeSpan value, TimeSpan least, TimeSpan most) =>
        OutOfRange(path, DurationText.Format(value), DurationText.Format(least), DurationText.Format(most));

    /// <summary>The value of an enum is none of its names, which only code can bring about.</summary>
    public static string Undefined<T>(string path, T value) where T : struct, Enum =>
        Of(path, value.ToString(), "is not defined", $"choose from {string.Join(", ", Names.Of<T>())}");

    /// <summary>Whether a text has something that is masked where a fault would show it.</summary>
    public static bool MayHoldSecret(string text) => LongWord().IsMatch(text) || Credential().IsMatch(text);

    // No key or value of these settings is that long in one word; API keys, secrets and the lines of a PEM are, and may stand in the wrong place. So may a connection string, or an address with a password.
    private static string Shown(string text) => Credential().Replace(LongWord().Replace(text, Mask), "${name}" + Mask);

    [GeneratedRegex("[A-Za-z0-9+/=_-]{41,}", RegexOptions.None, 1000)]
    private static partial Regex LongWord();

    // What follows is not shown at all: where such a value ends is for whoever reads it to say.
    [GeneratedRegex("(?<name>(pass(word|phrase)?|pwd|secret|key|token|signature)\\s*=|://[^:/\\s]*:(?=[^/\\s]*@)).*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Credential();
}
