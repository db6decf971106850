using System.Buffers;

namespace ExchangeResilience;

/// <summary>Where a request goes, as views of one text: origin, path and query.</summary>
/// <remarks>
/// <see cref="Uri"/> returns each part as a new string for each request. Nearly every address is written as it is sent, so that its own text
/// will do; any other is brought into that form first.
/// </remarks>
internal readonly struct RequestTarget
{
    // The characters of an address that mean only themselves. A dot in the path may be a step upwards, and is not among them there.
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:?&=,");

    private readonly string _text;
    private readonly int _path;
    private readonly int _query;

    private RequestTarget(string text, int path, int query)
    {
        _text = text;
        _path = path;
        _query = query;
    }

    /// <summary>Scheme and authority, as written: two that differ may name the same host.</summary>
    public ReadOnlySpan<char> Origin => _text.AsSpan(0, _path);

    /// <summary>The path, with its leading slash.</summary>
    public ReadOnlySpan<char> Path => _text.AsSpan(_path, _query - _path);

    /// <summary>Scheme, authority and path.</summary>
    public ReadOnlySpan<char> Address => _text.AsSpan(0, _query);

    public RequestParameters Parameters => ParametersWith(body: null);

    public RequestParameters ParametersWith(string? body) => new(_text, _query, body);

    /// <summary>Reads an absolute address.</summary>
    /// <exception cref="InvalidOperationException">The address is relative.</exception>
    public static RequestTarget Of(Uri address)
    {
        var written = address.OriginalString;
        var authority = written.StartsWith("https://", StringComparison.Ordinal) ? 8 : written.StartsWith("http://", StringComparison.Ordinal) ? 7 : 0;
        if (authority > 0 && Read(written, authority) is { IsPlain: true } target)
        {
            return target;
        }

        var normal = address.GetLeftPart(UriPartial.Query);
        return Read(normal, normal.IndexOf("://", StringComparison.Ordinal) + 3);
    }

    private bool IsPlain => Path.StartsWith('/') && !Path.Contains('.') && !_text.AsSpan().ContainsAnyExcept(Plain);

    private static RequestTarget Read(string text, int authority)
    {
        var path = EndOf(text, authority, "/?");
        return new RequestTarget(text, path, EndOf(text, path, "?"));
    }

    private static int EndOf(string text, int from, ReadOnlySpan<char> delimiters) =>
        text.AsSpan(from).IndexOfAny(delimiters) is >= 0 and var length ? from + length : text.Length;
}
