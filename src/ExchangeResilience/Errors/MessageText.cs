using System.Buffers;
using System.Text;

namespace ExchangeResilience;

/// <summary>Turns the bytes of a message into text fit for a log line.</summary>
internal static class MessageText
{
    private const int MaxLength = 300;

    // API keys, listenKeys and HMAC signatures are runs of 64; client order ids end at 36.
    private const int LongestHarmlessRun = 40;
    private const string Mask = "***";
    private static readonly SearchValues<char> s_ends = SearchValues.Create(" \t\r\n\"'<>");

    public static string Decode(ReadOnlySpan<byte> raw, bool isJson)
    {
        if (raw.IsEmpty)
        {
            return "";
        }

        // Twice what is shown, so that a secret at the bound is still recognised by its length.
        Span<byte> bytes = stackalloc byte[2 * MaxLength];
        var length = isJson ? JsonText.Unescape(raw, bytes) : Copy(raw, bytes);
        Span<char> decoded = stackalloc char[2 * MaxLength];
        var text = decoded[..Encoding.UTF8.GetChars(bytes[..length], decoded)];
        if (length > bytes.Length - 4)
        {
            text = WithoutLastToken(text);
        }

        // A word that begins below the bound is written to its end.
        Span<char> shown = stackalloc char[MaxLength + LongestHarmlessRun];
        var count = 0;
        for (var at = 0; at < text.Length && count < MaxLength;)
        {
            var secret = SecretLength(text, at);
            if (secret > 0)
            {
                Mask.CopyTo(shown[count..]);
                count += Mask.Length;
                at += secret;
                continue;
            }

            var end = at + Math.Max(1, CountToken(text[at..]));
            for (; at < end; at++)
            {
                count = Append(shown, count, text[at]);
            }
        }

        if (count >= MaxLength)
        {
            count = char.IsHighSurrogate(shown[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
        }

        return shown[..count].Trim().ToString();
    }

    private static Span<char> WithoutLastToken(Span<char> text)
    {
        while (text.Length > 0 && IsToken(text[^1]))
        {
            text = text[..^1];
        }

        return text;
    }

    private static int Copy(ReadOnlySpan<byte> raw, Span<byte> target)
    {
        var length = Math.Min(raw.Length, target.Length);
        raw[..length].CopyTo(target);
        return length;
    }

    /// <summary>How many characters from here on must not be shown: a URL's query, or a run longer than any harmless word.</summary>
    private static int SecretLength(ReadOnlySpan<char> text, int at)
    {
        var before = at > 0 ? text[at - 1] : default;
        if (before is '?' or '=')
        {
            var end = text[at..].IndexOfAny(s_ends);
            var value = end < 0 ? text[at..] : text.Slice(at, end);
            if (before == '?' ? value.Contains('=') : IsSecretName(text[..(at - 1)]))
            {
                return value.Length;
            }
        }

        var run = CountToken(text[at..]);
        return run > LongestHarmlessRun ? run : 0;
    }

    private static bool IsSecretName(ReadOnlySpan<char> before) =>
        before.EndsWith("signature", StringComparison.OrdinalIgnoreCase)
        || before.EndsWith("key", StringComparison.OrdinalIgnoreCase)
        || before.EndsWith("secret", StringComparison.OrdinalIgnoreCase);

    private static int CountToken(ReadOnlySpan<char> text)
    {
        var count = 0;
        while (count < text.Length && IsToken(text[count]))
        {
            count++;
        }

        return count;
    }

    private static bool IsToken(char c) => char.IsAsciiLetterOrDigit(c) || c is '+' or '%' or '-' or '_';

    private static int Append(Span<char> shown, int count, char c)
    {
        // Line breaks would let a reply forge log lines; the other format characters would let it rewrite what is seen.
        var isBlank = char.IsWhiteSpace(c) || char.IsControl(c);
        if (!isBlank)
        {
            if (char.GetUnicodeCategory(c) != System.Globalization.UnicodeCategory.Format)
            {
                shown[count++] = c;
            }
        }
        else if (count > 0 && shown[count - 1] != ' ')
        {
            shown[count++] = ' ';
        }

        return count;
    }
}
