using System.Buffers;
using System.Net;
using System.Text;

namespace ExchangeResilience;

/// <summary>
/// The parameters of a request, in the order they are sent: those of the query, then those of the form body. Where a name stands
/// in both, the query wins, as it does at the exchange. Names are case-sensitive. Nothing is copied until a value is asked for.
/// </summary>
internal readonly struct RequestParameters
{
    private readonly string? _query;
    private readonly int _queryStart;
    private readonly string? _body;

    /// <param name="query">The query, with or without its question mark.</param>
    /// <param name="body">The body, if it is <c>application/x-www-form-urlencoded</c>.</param>
    public RequestParameters(string? query, string? body)
    {
        _query = query;
        _body = body;
    }

    /// <param name="address">An address without a fragment.</param>
    /// <param name="queryStart">Where its query begins.</param>
    public RequestParameters(string address, int queryStart)
    {
        _query = address;
        _queryStart = queryStart;
    }

    /// <summary>The decoded value that the exchange will read, or null if there is none of that name.</summary>
    public string? this[string name] => TryFind(name, out var parameter) ? parameter.Value : null;

    /// <summary>Finds the parameter that the exchange will read under this name.</summary>
    public bool TryFind(string name, out RequestParameter found)
    {
        foreach (var parameter in this)
        {
            if (parameter.IsNamed(name))
            {
                found = parameter;
                return true;
            }
        }

        found = default;
        return false;
    }

    /// <summary>How often the name occurs in query and body together; the exchange refuses more than one (-1101).</summary>
    public int CountOf(string name)
    {
        var count = 0;
        foreach (var parameter in this)
        {
            if (parameter.IsNamed(name))
                count++;
        }

        return count;
    }

    public Enumerator GetEnumerator() => new(_query ?? "", _queryStart, _body ?? "");

    /// <summary>Walks the query, then the body; empty pieces (<c>a=1&amp;&amp;b=2</c>) are no parameters.</summary>
    internal struct Enumerator
    {
        private readonly string _body;
        private string _text;
        private bool _inQuery;
        private int _next;

        internal Enumerator(string query, int queryStart, string body)
        {
            _text = query;
            _body = body;
            _inQuery = true;
            _next = queryStart < query.Length && query[queryStart] == '?' ? queryStart + 1 : queryStart;
        }

        public RequestParameter Current { get; private set; }

        public bool MoveNext()
        {
            while (true)
            {
                while (_next < _text.Length)
                {
                    var start = _next;
                    var length = _text.AsSpan(start).IndexOf('&');
                    if (length < 0)
                        length = _text.Length - start;

                    _next = start + length + 1;
                    if (length == 0)
                        continue;

                    Current = new RequestParameter(_text, start, length, _inQuery);
                    return true;
                }

                if (!_inQuery)
                    return false;

                _inQuery = false;
                _text = _body;
                _next = 0;
            }
        }
    }
}

/// <summary>One name and value, as a view of the text they were sent in.</summary>
internal readonly struct RequestParameter
{
    private readonly string _text;
    private readonly int _start;
    private readonly int _length;

    internal RequestParameter(string text, int start, int length, bool inQuery)
    {
        _text = text;
        _start = start;
        _length = length;
        InQuery = inQuery;
    }

    /// <summary>Whether it stands in the query; otherwise it stands in the body.</summary>
    public bool InQuery { get; }

    /// <summary>Name and value as sent, with the equals sign if there is one.</summary>
    public ReadOnlySpan<char> Raw => _text.AsSpan(_start, _length);

    public ReadOnlySpan<char> RawName => Raw.IndexOf('=') is >= 0 and var end ? Raw[..end] : Raw;

    public ReadOnlySpan<char> RawValue => Raw.IndexOf('=') is >= 0 and var end ? Raw[(end + 1)..] : [];

    /// <summary>The decoded name.</summary>
    public string Name => ParameterText.Decode(RawName);

    /// <summary>The decoded value; empty where there is no equals sign. Malformed escapes stand for themselves.</summary>
    public string Value => ParameterText.Decode(RawValue);

    public bool IsNamed(string name)
    {
        var raw = RawName;
        return raw.SequenceEqual(name)
            || (ParameterText.HasEscapes(raw) && string.Equals(ParameterText.Decode(raw), name, StringComparison.Ordinal));
    }

    /// <summary>Compares the decoded value, without a copy where nothing is escaped.</summary>
    public bool HasValue(string value)
    {
        var raw = RawValue;
        return ParameterText.HasEscapes(raw)
            ? string.Equals(ParameterText.Decode(raw), value, StringComparison.Ordinal)
            : raw.SequenceEqual(value);
    }
}

/// <summary>Writes the text of a query (without its question mark) or of a form body. What is not changed stays as it was, to the letter.</summary>
internal static class ParameterText
{
    // What RFC 3986 allows raw in a query: unreserved, sub-delims, ":" "@" "/" "?".
    private const string Legal = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?";

    private static readonly SearchValues<char> LegalCharacters = SearchValues.Create(Legal);

    private static readonly SearchValues<char> LegalCharactersAndPercent = SearchValues.Create(Legal + "%");

    private static readonly SearchValues<char> EscapeCharacters = SearchValues.Create("%+");

    /// <summary>Percent-encodes as UTF-8 all but <c>A-Z a-z 0-9 - _ . ~</c>.</summary>
    public static string Encode(string value) => Uri.EscapeDataString(value);

    /// <summary>Undoes percent-encoding as UTF-8 and reads a plus sign as a space, as form decoding does.</summary>
    public static string Decode(ReadOnlySpan<char> raw)
    {
        var text = raw.ToString();
        return HasEscapes(raw) ? WebUtility.UrlDecode(text) : text;
    }

    public static bool HasEscapes(ReadOnlySpan<char> raw) => raw.ContainsAny(EscapeCharacters);

    /// <summary>Adds a parameter at the end.</summary>
    public static string Append(string text, string name, string value)
    {
        var separator = text.Length == 0 || text.EndsWith('&') ? "" : "&";
        return $"{text}{separator}{Encode(name)}={Encode(value)}";
    }

    /// <summary>Puts the value where the name first stands and removes it elsewhere; appends it if it stands nowhere.</summary>
    public static string Replace(string text, string name, string value) =>
        Has(text, name) ? Rewrite(text, name, $"{Encode(name)}={Encode(value)}") : Append(text, name, value);

    /// <summary>Removes every parameter of that name.</summary>
    public static string Remove(string text, string name) => Has(text, name) ? Rewrite(text, name, replacement: null) : text;

    /// <summary>
    /// Percent-encodes what may not be sent raw (brackets, quotes, letters beyond ASCII): the exchange verifies signatures over
    /// encoded text. Text that is already encoded comes out unchanged.
    /// </summary>
    public static void AppendLegal(StringBuilder result, ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var length = text.IndexOfAnyExcept(LegalCharacters) is >= 0 and var illegal ? illegal : text.Length;
            if (length == 0 && text is ['%', var high, var low, ..] && char.IsAsciiHexDigit(high) && char.IsAsciiHexDigit(low))
                length = 3;

            if (length > 0)
            {
                result.Append(text[..length]);
            }
            else
            {
                length = text[1..].IndexOfAny(LegalCharactersAndPercent) is >= 0 and var next ? next + 1 : text.Length;
                result.Append(Uri.EscapeDataString(text[..length]));
            }

            text = text[length..];
        }
    }

    /// <summary>The same address with another query, which stands in the result, and so on the wire, exactly as given.</summary>
    public static Uri WithQuery(Uri address, string query)
    {
        var text = query.Length == 0 ? address.GetLeftPart(UriPartial.Path) : $"{address.GetLeftPart(UriPartial.Path)}?{query}";
        var result = new Uri(text);

        // Uri undoes escapes it thinks needless. A signature covers the text as it is sent, so the text wins.
        return string.Equals(result.AbsoluteUri, text, StringComparison.Ordinal)
            ? result
            : new Uri(text, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
    }

    private static bool Has(string text, string name) => new RequestParameters(query: null, text).TryFind(name, out _);

    private static string Rewrite(string text, string name, string? replacement)
    {
        var result = new StringBuilder(text.Length + (replacement?.Length ?? 0));
        foreach (var parameter in new RequestParameters(query: null, text))
        {
            var piece = parameter.Raw;
            if (parameter.IsNamed(name))
            {
                if (replacement is null)
                    continue;

                piece = replacement;
                replacement = null;
            }

            if (result.Length > 0)
                result.Append('&');

            result.Append(piece);
        }

        return result.ToString();
    }
}
