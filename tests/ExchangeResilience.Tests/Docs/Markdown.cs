using System.Text.RegularExpressions;

namespace ExchangeResilience.Tests.Docs;

/// <summary>What the checks need of a Markdown text.</summary>
internal static partial class Markdown
{
    /// <summary>The fenced blocks of a language.</summary>
    public static IReadOnlyList<string> Blocks(string text, string language) =>
        [.. Fence().Matches(text).Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["code"].Value)];

    /// <summary>What stands between <c>&lt;!-- name --&gt;</c> and <c>&lt;!-- /name --&gt;</c>.</summary>
    public static string Between(string text, string name)
    {
        var (start, end) = Ends(text, name);
        return text[start..end];
    }

    /// <summary>The text with something else between the two markers.</summary>
    public static string Replace(string text, string name, string content)
    {
        var (start, end) = Ends(text, name);
        return text[..start] + content + text[end..];
    }

    /// <summary>The cells of a table's rows, without its head.</summary>
    public static IReadOnlyList<string[]> Rows(string text) =>
        [.. text.Split('\n').Where(line => line.StartsWith('|')).Skip(2).Select(line => line.Trim('|', ' ').Split(" | ").Select(cell => cell.Trim()).ToArray())];

    /// <summary>What stands between backticks.</summary>
    public static IReadOnlyList<string> Codes(string text) => [.. Code().Matches(text).Select(match => match.Groups["code"].Value)];

    /// <summary>Where links lead.</summary>
    public static IReadOnlyList<string> Links(string text) => [.. Link().Matches(Fence().Replace(text, "")).Select(match => match.Groups["target"].Value)];

    /// <summary>The titles of all headings.</summary>
    public static IReadOnlyList<string> Headings(string text) => [.. Heading().Matches(Fence().Replace(text, "")).Select(match => match.Groups["title"].Value)];

    /// <summary>The anchors that headings give, and those that are written out.</summary>
    public static IReadOnlyList<string> Anchors(string text) =>
    [
        .. Headings(text).Select(title => Forbidden().Replace(title.ToLowerInvariant(), "").Replace(' ', '-')),
        .. Anchor().Matches(text).Select(match => match.Groups["id"].Value),
    ];

    /// <summary>The regions of a source file by name, each without the indentation it has there; parts of one name are joined by an empty line.</summary>
    public static IReadOnlyDictionary<string, string> Regions(string source) =>
        Region().Matches(source)
            .GroupBy(part => part.Groups["name"].Value, part => Unindent(part.Groups["code"].Value), StringComparer.Ordinal)
            .ToDictionary(parts => parts.Key, parts => string.Join("\n", parts), StringComparer.Ordinal);

    private static (int Start, int End) Ends(string text, string name)
    {
        var start = text.IndexOf($"<!-- {name} -->\n", StringComparison.Ordinal);
        var end = text.IndexOf($"<!-- /{name} -->", StringComparison.Ordinal);
        start.ShouldBeGreaterThanOrEqualTo(0, $"<!-- {name} --> is missing");
        end.ShouldBeGreaterThan(start, $"<!-- /{name} --> is missing");
        return (start + $"<!-- {name} -->\n".Length, end);
    }

    private static string Unindent(string code)
    {
        var lines = code.Split('\n');
        var indentation = lines.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart(' ').Length);
        return string.Join('\n', lines.Select(line => line.Length > 0 ? line[indentation..] : line));
    }

    [GeneratedRegex(@"^```(?<language>\w+)\n(?<code>.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^ *#region (?<name>\S+)\n(?<code>.*?)^ *#endregion", RegexOptions.Multiline | RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Region();

    [GeneratedRegex(@"`(?<code>[^`\n]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<title>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Heading();

    [GeneratedRegex("<a id=\"(?<id>[^\"]+)\"></a>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Anchor();

    [GeneratedRegex(@"[^\w\- ]", RegexOptions.None, 1000)]
    private static partial Regex Forbidden();
}
