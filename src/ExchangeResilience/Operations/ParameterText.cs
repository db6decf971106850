using System.Buffers;
using System.Net;
using System.Text;

namespace ExchangeResilience;

/// <summary>Writes the text of a query (without its question mark) or of a form body. What is not changed stays byte for byte.</summary>
internal static class ParameterText
{
    // What RFC 3986 allows raw in a query: unreserved, sub-delims, ":" "@" "/" "?".
    private const string Legal = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?";

    private static readonly SearchValues<char> LegalCharacters = SearchValues.Create(Legal);

    private static readonly SearchValues<char> LegalCharactersAndPercent = SearchValues.Create(Legal + "%");

    private static readonly SearchValues<char> UnreservedCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    private static readonly SearchValues<char> EscapeCharacters = SearchValues.Create("%+");

    private static readonly UriCreationOptions SentAsWritten = new() { DangerousDisablePathAndQueryCanonicalization = true };

    /// <summary>Percent-encodes as UTF-8 all but <c>A-Z a-z 0-9 - _ . ~</c>.</summary>
    public static string Encode(string value) => Uri.EscapeDataString(value);

    /// <summary>Adds a value as <see cref="Encode"/> writes it.</summary>
    public static void AppendEncoded(PooledText result, ReadOnlySpan<char> value)
    {
        if (value.ContainsAnyExcept(UnreservedCharacters))
        {
            result.Append(Uri.EscapeDataString(value));
        }
        else
        {
            result.Append(value);
        }
    }

    /// <summary>Undoes percent-encoding as UTF-8 and reads a plus sign as a space, as form decoding does.</summary>
    public static string Decode(ReadOnlySpan<char> raw)
    {
        var text = raw.ToString();
        return HasEscapes(raw) ? WebUtility.UrlDecode(text) : text;
    }

    public static bool HasEscapes(ReadOnlySpan<char> raw) => raw.ContainsAny(EscapeCharacters);

    public static string Append(string text, string name, string value)
    {
        var separator = text.Length == 0 || text.EndsWith('&') ? "" : "&";
        return $"{text}{separator}{Encode(name)}={Encode(value)}";
    }

    /// <summary>Puts the value where the name first occurs and removes it elsewhere; appends it if it does not occur.</summary>
    public static string Replace(string text, string name, string value)
    {
        if (!new RequestParameters(query: null, text).TryFind(name, out _))
        {
            return Append(text, name, value);
        }

        var written = $"{Encode(name)}={Encode(value)}";
        var result = new StringBuilder(text.Length + written.Length);
        foreach (var parameter in new RequestParameters(query: null, text))
        {
            var isNamed = parameter.IsNamed(name);
            var piece = isNamed ? written : parameter.Raw;
            written = isNamed ? "" : written;
            if (piece.Length > 0)
            {
                result.Append(result.Length > 0 ? "&" : "").Append(piece);
            }
        }

        return result.ToString();
    }

    /// <summary>
    /// Percent-encodes what may not be sent raw (brackets, quotes, letters beyond ASCII): the exchange verifies signatures over
    /// encoded text. Text that is already encoded comes out unchanged.
    /// </summary>
    public static void AppendLegal(PooledText result, ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            var length = text.IndexOfAnyExcept(LegalCharacters) is >= 0 and var illegal ? illegal : text.Length;
            if (length == 0 && text is ['%', var high, var low, ..] && char.IsAsciiHexDigit(high) && char.IsAsciiHexDigit(low))
            {
                length = 3;
            }

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

    /// <summary>The same address with another query, which is in the result, and so on the wire, exactly as given.</summary>
    public static Uri WithQuery(Uri address, string query) =>
        AsWritten(query.Length == 0 ? address.GetLeftPart(UriPartial.Path) : $"{address.GetLeftPart(UriPartial.Path)}?{query}");

    /// <summary>An address that is sent exactly as it is written: Uri undoes escapes it thinks needless, and a signature covers the text as it is sent.</summary>
    public static Uri AsWritten(string address) => new(address, SentAsWritten);
}
