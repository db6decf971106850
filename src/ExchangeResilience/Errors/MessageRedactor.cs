using System.Buffers;
using System.Globalization;
using System.Text;

namespace ExchangeResilience;

/// <summary>Turns the bytes of a message into text fit for a log line.</summary>
internal static class MessageRedactor
{
    private const int MaxLength = 300;

    // API keys, listenKeys and HMAC signatures are runs of 64; client order ids end at 36.
    public const int LongestHarmlessRun = 40;

    private const string Mask = "***";
    private const string TokenCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+%-_";
    private static readonly SearchValues<char> Ends = SearchValues.Create(" \t\r\n\"'<>");
    private static readonly SearchValues<char> OfToken = SearchValues.Create(TokenCharacters);
    private static readonly SearchValues<char> OfEscape = SearchValues.Create(TokenCharacters + "/=&#;\\");
    private static readonly SearchValues<char> OfName = SearchValues.Create(TokenCharacters + ".[]");

    // As it is written, and as it is written within a value.
    private const string EncodedEquals = "%3D";
    private const string EncodedAnd = "%26";
    private const int LongestName = 64;

    // A batch is one value. Without a bound a hostile body would be read from each of its names to its end.
    private const int LongestValue = 4096;

    // What is joined by '&' without values is no query.
    private const int MostJoints = 8;

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
        var text = WithoutUnseen(decoded[..Encoding.UTF8.GetChars(bytes[..length], decoded)]);
        if (length > bytes.Length - 4)
        {
            text = text[..(text.LastIndexOfAnyExcept(OfEscape) + 1)];
        }

        // A run that begins below the bound is written to its end.
        Span<char> shown = stackalloc char[MaxLength + LongestHarmlessRun];
        var count = 0;
        var noQueryBefore = 0;
        for (var at = 0; at < text.Length && count < MaxLength;)
        {
            var secret = SecretLength(text, at, ref noQueryBefore);
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
            for (var at = 0; at < body.Length;)
            {
                var used = ReadCharacter(body.AsSpan(at), isJson, out var rune);
                if (!IsUnseen(rune))
                {
                    starts[length] = at;
                    text[length++] = rune.IsBmp ? (char)rune.Value : '\uFFFD';
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
        var noQueryBefore = 0;
        for (var at = 0; at < text.Length;)
        {
            var secret = SecretLength(text, at, ref noQueryBefore);
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

    /// <summary>Returns how many bytes the character takes. What is no UTF-8 is read byte by byte.</summary>
    private static int ReadCharacter(ReadOnlySpan<byte> text, bool isJson, out Rune rune)
    {
        if (isJson && text[0] == '\\')
        {
            return JsonText.ReadEscape(text, out rune);
        }

        if (Rune.DecodeFromUtf8(text, out rune, out var used) == OperationStatus.Done)
        {
            return used;
        }

        rune = Rune.ReplacementChar;
        return 1;
    }

    // Invisible characters would let a reply rewrite what is shown, and break a secret up so that no mask finds it.
    private static Span<char> WithoutUnseen(Span<char> text)
    {
        var kept = 0;
        for (var at = 0; at < text.Length;)
        {
            var used = Rune.DecodeFromUtf16(text[at..], out var rune, out var length) == OperationStatus.Done && IsUnseen(rune) ? 0 : length;
            text.Slice(at, used).CopyTo(text[kept..]);
            (kept, at) = (kept + used, at + length);
        }

        return text[..kept];
    }

    private static bool IsUnseen(Rune rune) => !rune.IsAscii && Rune.GetUnicodeCategory(rune) == UnicodeCategory.Format;

    private static int Copy(ReadOnlySpan<byte> raw, Span<byte> target)
    {
        var length = Math.Min(raw.Length, target.Length);
        raw[..length].CopyTo(target);
        return length;
    }

    /// <summary>
    /// How many characters from here on must not be shown: a query, with its URL or without, or a run longer than any harmless one. Before <paramref name="noQueryBefore"/>
    /// none begins, so that a body that looks like one everywhere is read once.
    /// </summary>
    private static int SecretLength(ReadOnlySpan<char> text, int at, ref int noQueryBefore)
    {
        var before = at > 0 ? text[at - 1] : default;
        if (before is '?' or '=')
        {
            var end = text[at..].IndexOfAny(Ends);
            var value = end < 0 ? text[at..] : text.Slice(at, end);
            if (before == '?' ? value.Contains('=') : IsSecretName(text[..(at - 1)]))
            {
                return value.Length;
            }
        }

        if (at >= noQueryBefore)
        {
            if (IsQuery(text[at..], out var read))
            {
                var end = text[at..].IndexOfAny(Ends);
                return end < 0 ? text.Length - at : end;
            }

            noQueryBefore = at + read;
        }

        var run = CountToken(text[at..]);
        return SignatureText.LengthAt(text[at..]) is > 0 and var signature ? signature : run > LongestHarmlessRun ? run : 0;
    }

    /// <summary>
    /// Whether the text begins with two names that have values, or more, and are joined. One alone is a way to write, and stays readable. Where it begins with none, no other
    /// begins before <paramref name="read"/> either.
    /// </summary>
    private static bool IsQuery(ReadOnlySpan<char> text, out int read)
    {
        read = 0;
        var value = ValueAfterName(text);
        if (value < 0)
        {
            return false;
        }

        text = text[..Math.Min(text.Length, value + LongestValue)];
        var end = text.IndexOfAny(Ends);
        text = end < 0 ? text : text[..end];
        read = text.Length;
        var from = Math.Min(value, text.Length);
        for (var joints = 0; joints < MostJoints && Find(text[from..], '&', EncodedAnd, out var length) is >= 0 and var joint; joints++)
        {
            read = joints == 0 ? from + joint : read;
            from += joint + length;

            // So HTML writes it.
            from += text[from..].StartsWith("amp;", StringComparison.OrdinalIgnoreCase) ? "amp;".Length : 0;
            if (ValueAfterName(text[from..]) >= 0)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Where the value begins whose name the text begins with; -1 where that is no name.</summary>
    private static int ValueAfterName(ReadOnlySpan<char> text)
    {
        text = text[..Math.Min(text.Length, LongestName + EncodedEquals.Length)];
        var name = Find(text, '=', EncodedEquals, out var length);
        return name <= 0 || text[..name].ContainsAnyExcept(OfName) ? -1 : name + length;
    }

    private static int Find(ReadOnlySpan<char> text, char plain, string encoded, out int length)
    {
        var first = text.IndexOf(plain);
        var other = (first < 0 ? text : text[..first]).IndexOf(encoded, StringComparison.OrdinalIgnoreCase);
        length = other < 0 ? 1 : encoded.Length;
        return other < 0 ? first : other;
    }

    private static bool IsSecretName(ReadOnlySpan<char> before) =>
        before.EndsWith("signature", StringComparison.OrdinalIgnoreCase)
        || before.EndsWith("key", StringComparison.OrdinalIgnoreCase)
        || before.EndsWith("secret", StringComparison.OrdinalIgnoreCase);

    private static int CountToken(ReadOnlySpan<char> text) => text.IndexOfAnyExcept(OfToken) is >= 0 and var end ? end : text.Length;

    public static bool IsToken(char c) => OfToken.Contains(c);

    private static int Append(Span<char> shown, int count, char c)
    {
        // Line breaks would let a reply forge log lines.
        if (!char.IsWhiteSpace(c) && !char.IsControl(c))
        {
            shown[count++] = c;
        }
        else if (count > 0 && shown[count - 1] != ' ')
        {
            shown[count++] = ' ';
        }

        return count;
    }
}
