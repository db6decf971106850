using System.Text.RegularExpressions;

namespace ExchangeResilience.Tests.Conventions;

/// <summary>One source file, read as tokens: enough to tell which types it declares and which it names.</summary>
internal sealed partial class SourceFile
{
    // Words after which a capitalised word is a type; after any other word it is the name of what is being declared.
    private static readonly HashSet<string> BeforeType =
    [
        "abstract", "and", "as", "async", "await", "case", "class", "const", "delegate", "else", "enum", "event", "explicit", "extern", "fixed", "goto", "implicit", "in",
        "interface", "internal", "is", "new", "not", "operator", "or", "out", "override", "params", "partial", "private", "protected", "public", "readonly", "record", "ref",
        "required", "return", "scoped", "sealed", "static", "struct", "this", "throw", "unsafe", "using", "virtual", "volatile", "when", "where", "yield",
    ];

    private readonly string[] _tokens;

    public SourceFile(string path, string room)
    {
        Path = path;
        Room = room;
        Code = WithoutText(Repository.Read(path));
        Declared = [.. from Match match in TopLevelType().Matches(Code) select match.Groups["name"].Value];
        _tokens = [.. from Match match in Token().Matches(Code) select match.Value];
    }

    public string Path { get; }

    public string Room { get; }

    /// <summary>The code alone: no comment, no quoted text.</summary>
    public string Code { get; }

    /// <summary>Its top-level types: nobody outside can name a nested one without naming these.</summary>
    public IReadOnlyList<string> Declared { get; }

    /// <summary>The capitalised words that can be types where they stand; members of the same name are left out.</summary>
    public IEnumerable<string> Named()
    {
        for (var i = 0; i < _tokens.Length; i++)
        {
            if (char.IsUpper(_tokens[i][0]) && !IsMember(At(i - 1), At(i + 1)))
            {
                yield return _tokens[i];
            }
        }
    }

    private static bool IsMember(string before, string after) =>
        before == "."
        || after == "="
        || (after == ":" && before is "(" or ",")
        || (after == "(" && before is not ("new" or ":" or "," or "[" or "is" or "not" or "or"))
        || (EndsType(before) && after is "{" or "=>" or ";" or "," or ")" or "(");

    private static bool EndsType(string token) => token is ">" or "]" or "?" || (char.IsLetter(token[0]) && !BeforeType.Contains(token));

    /// <summary>Comments and quoted text are gone; of an interpolated string its holes remain.</summary>
    private static string WithoutText(string code) => CommentOrText().Replace(
        code,
        match => match.Value.StartsWith('$') ? string.Join(' ', from Match hole in Hole().Matches(match.Value) select hole.Groups["code"].Value) : "\"\"");

    private string At(int i) => i >= 0 && i < _tokens.Length ? _tokens[i] : ";";

    [GeneratedRegex(
        """"
          // [^\n]*
        | /\* .*? \*/
        | \$* """ .*? """
        | @" (?: "" | [^"] )* "
        | \$? " (?: \\. | [^"\\\n] )* "
        | ' (?: \\. [^']* | [^'\\\n] ) '
        """",
        RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentOrText();

    [GeneratedRegex(@"\{(?<code>[^{}]+)\}")]
    private static partial Regex Hole();

    // Namespaces are file-scoped, so what begins a line is not nested.
    [GeneratedRegex(
        """
        ^ (?: \[ .* \] \s+ )?
        (?: (?: public | internal | file | sealed | static | abstract | readonly | ref | partial | unsafe ) \s+ )+
        (?: class | struct | interface | enum | record \s+ struct | record | delegate \s+ \S+ ) \s+
        (?<name> \w+ )
        """,
        RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"[A-Za-z_]\w*|=>|==|[^\s\w]")]
    private static partial Regex Token();
}
