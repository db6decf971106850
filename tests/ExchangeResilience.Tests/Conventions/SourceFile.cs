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
        var text = Repository.Read(path);
        Lines = text.Count(static character => character == '\n');
        LinesWithoutText = RawText().Replace(text, "").Count(static character => character == '\n');
        WithoutComments = Comment().Replace(text, "");
        Code = WithoutText(text);
        Declared = [.. from Match match in TopLevelType().Matches(Code) select match.Groups["name"].Value];
        _tokens = [.. from Match match in Token().Matches(Code) select match.Value];
    }

    public string Path { get; }

    public string Room { get; }

    public int Lines { get; }

    /// <summary>Its lines but for those of text between triple quotes, which is data.</summary>
    public int LinesWithoutText { get; }

    /// <summary>The code with its quoted text, but without lines of comment.</summary>
    public string WithoutComments { get; }

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

    /// <summary>Its methods and constructors, each with its lines from the name to the end; text between triple quotes is data and does not count.</summary>
    public IEnumerable<(string Name, int Lines)> Methods() =>
        from Match match in MethodStart().Matches(Code)
        let body = Code[match.Index..EndOf(match.Index + match.Length - 1)]
        select (match.Groups["name"].Value, 1 + body.Count(static character => character == '\n'));

    /// <summary>Where what begins at a parameter list ends: with its block, or with its semicolon.</summary>
    private int EndOf(int start)
    {
        var depth = 0;
        for (var at = start; at < Code.Length; at++)
        {
            depth += Code[at] is '(' or '[' or '{' ? 1 : Code[at] is ')' or ']' or '}' ? -1 : 0;
            if (depth == 0 && (Code[at] == ';' || (Code[at] == '}' && !ContinuesAfter(at))))
            {
                return at;
            }
        }

        return Code.Length;
    }

    // A block that ends an expression is followed by the rest of that.
    private bool ContinuesAfter(int brace) => Code.AsSpan(brace + 1).TrimStart() is [')' or ']' or ',' or '.' or ';' or '?' or '+' or '=', ..];

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
        match => match.Value.StartsWith('$') ? string.Join(' ', from Match hole in Hole().Matches(match.Value) where !IsName(hole.Groups["code"].Value) select WithoutText(hole.Groups["code"].Value)) : "\"\"");

    // What stands alone in a hole is a value, not a type.
    private static bool IsName(string code) => code.All(static character => char.IsLetterOrDigit(character) || character == '_');

    private string At(int i) => i >= 0 && i < _tokens.Length ? _tokens[i] : ";";

    [GeneratedRegex(
        """"
          // [^\n]*
        | /\* .*? \*/
        | \$* """ .*? """
        | @" (?: "" | [^"] )* "
        | \$ " (?: \\. | \{ [^{}\n]* \} | [^"\\\n] )* "
        | " (?: \\. | [^"\\\n] )* "
        | ' (?: \\. [^']* | [^'\\\n] ) '
        """",
        RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentOrText();

    [GeneratedRegex(""""
        """ .*? """
        """", RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex RawText();

    [GeneratedRegex(
        """
        ^ \ {4,} (?: (?: public | private | protected | internal | static | async | override | sealed | virtual | abstract | partial | unsafe | extern | new | readonly ) \s+ )+
        (?! .* \b (?: class | struct | record | interface | enum | delegate ) \b )
        [^=;{}\n]*? (?<name> \w+ ) (?: < [^<>\n]* > )? \(
        """,
        RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex MethodStart();

    [GeneratedRegex(@"\{(?<code>[^{}]+)\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

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
