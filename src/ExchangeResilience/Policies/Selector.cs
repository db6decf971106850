using System.Globalization;

namespace ExchangeResilience;

/// <summary>
/// Which errors a row of the policy matrix is for: a code (<c>-1003</c>), a range (<c>-4001..-4014</c>), an HTTP status
/// (<c>Http503</c>), a category (<c>RateLimited</c>, <c>Transport</c>) or <c>Default</c>. Equal selectors are equal values however they were written.
/// </summary>
internal readonly record struct Selector
{
    private const string DefaultText = "Default";
    private const string HttpPrefix = "Http";
    private const string RangeDots = "..";

    private Selector(SelectorKind kind, int first, int last)
    {
        Kind = kind;
        First = first;
        Last = last;
    }

    /// <summary>Sorts by precedence; what is equally specific in the order a reader expects: codes from -1000 down, the rest upwards.</summary>
    public static Comparer<Selector> MostSpecificFirst { get; } = Comparer<Selector>.Create(Compare);

    public static Selector Default { get; } = new(SelectorKind.Default, 0, 0);

    public SelectorKind Kind { get; }

    /// <summary>The lowest code; the status; the category's number.</summary>
    public int First { get; }

    /// <summary>The highest code; otherwise as <see cref="First"/>.</summary>
    public int Last { get; }

    public ErrorCategory Category => (ErrorCategory)First;

    public long Width => (long)Last - First + 1;

    public static Selector Code(int code) => new(SelectorKind.Code, code, code);

    /// <summary>All codes from one end to the other; one code where both are the same, or its own row would pass before it.</summary>
    public static Selector Range(int oneEnd, int otherEnd) => oneEnd == otherEnd ? Code(oneEnd) : new(SelectorKind.Range, Math.Min(oneEnd, otherEnd), Math.Max(oneEnd, otherEnd));

    public static Selector Status(int status) => new(SelectorKind.HttpStatus, status, status);

    public static Selector Of(ErrorCategory category) => new(SelectorKind.Category, (int)category, (int)category);

    /// <summary>Reads a selector as configuration writes it; names in any case. The remedy is what to write instead, and empty on success.</summary>
    public static bool TryParse(string text, out Selector selector, out string remedy)
    {
        text = text.Trim();
        var read = Read(text);
        selector = read ?? default;
        remedy = read is null ? Remedy(text) : "";
        return read is not null;
    }

    /// <summary>The text as a fault shows it: whole where it is a selector or near to one, else no more of it than of a value, since a secret may stand there.</summary>
    public static string Shown(string text) =>
        Read(text.Trim()) is not null || Names.Nearest(text.Trim(), [.. Names.Of<ErrorCategory>(), DefaultText]) is not null ? text : OptionFault.Start(text);

    /// <summary>Whether the row is for such an error. A code of 0 is none; a status of 0 makes no difference, where the code is listed.</summary>
    public bool Matches(int code, ErrorCategory category, int status) => Kind switch
    {
        SelectorKind.Code or SelectorKind.Range => First <= code && code <= Last,
        SelectorKind.HttpStatus => status == First,
        SelectorKind.Category => category == Category,
        _ => true,
    };

    /// <summary>The selector as configuration would write it.</summary>
    public override string ToString() => Kind switch
    {
        SelectorKind.Code => First.ToString(CultureInfo.InvariantCulture),
        SelectorKind.Range => string.Create(CultureInfo.InvariantCulture, $"{Last}{RangeDots}{First}"),
        SelectorKind.HttpStatus => string.Create(CultureInfo.InvariantCulture, $"{HttpPrefix}{First}"),
        SelectorKind.Category => Category.ToString(),
        _ => DefaultText,
    };

    private static Selector? Read(string text) =>
        Names.TryPick(text, Names.Of<ErrorCategory>(), out var category) ? Of(Enum.Parse<ErrorCategory>(category))
        : text.Equals(DefaultText, StringComparison.OrdinalIgnoreCase) ? Default
        : TryCode(text, out var code) ? Code(code)
        : text.Split(RangeDots) is [var one, var other] && TryCode(one, out var oneEnd) && TryCode(other, out var otherEnd) ? Range(oneEnd, otherEnd)
        : text.StartsWith(HttpPrefix, StringComparison.OrdinalIgnoreCase)
            && int.TryParse(text.AsSpan(HttpPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var status)
            && status is >= 400 and <= 599 ? Status(status)
        : null;

    private static int Compare(Selector left, Selector right)
    {
        var order = left.Kind.CompareTo(right.Kind);
        if (order != 0)
        {
            return order;
        }

        if (left.Kind is not (SelectorKind.Code or SelectorKind.Range))
        {
            return left.First.CompareTo(right.First);
        }

        order = left.Width.CompareTo(right.Width);
        return order != 0 ? order : right.Last.CompareTo(left.Last);
    }

    private static bool TryCode(string text, out int code) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out code) && code < 0;

    private static string Remedy(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
        {
            return number is >= 400 and <= 599
                ? string.Create(CultureInfo.InvariantCulture, $"did you mean '{HttpPrefix}{number}' or '-{number}'?")
                : string.Create(CultureInfo.InvariantCulture, $"did you mean '-{number}'?");
        }

        if (text.Contains(RangeDots, StringComparison.Ordinal))
        {
            return "write a range of two negative codes, such as '-4001..-4014'";
        }

        if (text.StartsWith(HttpPrefix, StringComparison.OrdinalIgnoreCase) && text.AsSpan(HttpPrefix.Length).ContainsAnyInRange('0', '9'))
        {
            return "write a status from 'Http400' to 'Http599'";
        }

        string[] names = [.. Names.Of<ErrorCategory>(), DefaultText];
        return Names.Nearest(text, names) is { } nearest
            ? $"did you mean '{nearest}'?"
            : $"write a code ('-1003'), a range ('-4001..-4014'), a status ('Http503') or one of {string.Join(", ", names)}";
    }
}
