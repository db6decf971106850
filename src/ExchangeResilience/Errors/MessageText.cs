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

    // A signature in base64, which '/' may break up anywhere: of 64 bytes and more it is longer than a path, else '+' or its padding tells it from one.
    private const int LongestHarmlessPath = 80;

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

    /// <summary>A body without what a message would not show of it, else as it is; the body itself where it holds nothing of that kind.</summary>
    public static byte[] WithoutSecrets(byte[] body)
    {
        // A character for each byte or escape, so that a secret is found however JSON writes it.
        var text = ArrayPool<char>.Shared.Rent(body.Length);
        var starts = ArrayPool<int>.Shared.Rent(body.Length + 1);
        try
        {
            var length = 0;
            var isJson = body.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[' or (byte)'"', ..];
            for (var at = 0; at < body.Length; length++)
            {
                starts[length] = at;
                text[length] = (char)body[at];
                var used = 1;
                if (isJson && body[at] == '\\')
                {
                    used = JsonText.ReadEscape(body.AsSpan(at), out var rune);
                    text[length] = rune.IsBmp ? (char)rune.Value : '\uFFFD';
                }

                at += used;
            }

            starts[length] = body.Length;
            return WithoutSecrets(body, text.AsSpan(0, length), starts);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(text);
            ArrayPool<int>.Shared.Return(starts);
        }
    }

    private static byte[] WithoutSecrets(byte[] body, ReadOnlySpan<char> text, int[] starts)
    {
        MemoryStream? masked = null;
        var kept = 0;
        for (var at = 0; at < text.Length;)
        {
            var secret = SecretLength(text, at);
            if (secret == 0)
            {
                at += Math.Max(1, CountToken(text[at..]));
                continue;
            }

            masked ??= new MemoryStream(body.Length);
            masked.Write(body.AsSpan(kept, starts[at] - kept));
            masked.Write(Encoding.ASCII.GetBytes(Mask));
            kept = starts[at += secret];
        }

        masked?.Write(body.AsSpan(kept));
        return masked?.ToArray() ?? body;
    }

    private static Span<char> WithoutLastToken(Span<char> text)
    {
        while (text.Length > 0 && (IsToken(text[^1]) || text[^1] is '/' or '='))
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
        return SignatureLength(text[at..]) is > 0 and var signature ? signature : run > LongestHarmlessRun ? run : 0;
    }

    /// <summary>How long the base64 is that the text begins with; 0 where that may be a path.</summary>
    private static int SignatureLength(ReadOnlySpan<char> text)
    {
        var run = 0;
        while (run < text.Length && (IsToken(text[run]) || text[run] == '/'))
        {
            run++;
        }

        var end = run;
        while (end < text.Length && text[end] == '=')
        {
            end++;
        }

        // Else the name of a parameter.
        var isPadded = end > run && end - run <= 2 && (end == text.Length || !IsToken(text[end]));
        var length = isPadded ? end : run;
        return length > LongestHarmlessPath || (length > LongestHarmlessRun && (isPadded || text[..run].Contains('+'))) ? length : 0;
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
