using System.Globalization;
using System.Text;
using System.Text.Json;

namespace ExchangeResilience;

/// <summary>Undoes JSON's escapes without exceptions and without allocation, as far as the room given reaches.</summary>
internal static class JsonText
{
    /// <summary>A token's value without its escapes, which is put into the room given where it had any.</summary>
    public static ReadOnlySpan<byte> ValueOf(in Utf8JsonReader reader, Span<byte> unescaped) =>
        reader.ValueIsEscaped ? unescaped[..Unescape(reader.ValueSpan, unescaped)] : reader.ValueSpan;

    /// <summary>Returns how many bytes were written. Lone surrogates and broken escapes become U+FFFD.</summary>
    public static int Unescape(ReadOnlySpan<byte> raw, Span<byte> target)
    {
        var written = 0;
        Span<byte> encoded = stackalloc byte[4];
        while (!raw.IsEmpty)
        {
            var plain = raw.IndexOf((byte)'\\');
            if (plain != 0)
            {
                var run = plain < 0 ? raw : raw[..plain];
                run = run[..Math.Min(run.Length, target.Length - written)];
                run.CopyTo(target[written..]);
                written += run.Length;
                if (plain < 0 || written == target.Length)
                {
                    return written;
                }

                raw = raw[plain..];
            }

            var used = ReadEscape(raw, out var rune);
            var length = rune.EncodeToUtf8(encoded);
            if (length > target.Length - written)
            {
                return written;
            }

            encoded[..length].CopyTo(target[written..]);
            written += length;
            raw = raw[used..];
        }

        return written;
    }

    /// <summary>Reads the escape at the start of the text. Returns how many bytes it takes.</summary>
    public static int ReadEscape(ReadOnlySpan<byte> raw, out Rune rune)
    {
        rune = Rune.ReplacementChar;
        if (raw.Length < 2)
        {
            return raw.Length;
        }

        if (raw[1] == 'u')
        {
            if (!TryReadUnit(raw, out var unit))
            {
                return 2;
            }

            if (Rune.TryCreate(unit, out var single))
            {
                rune = single;
                return 6;
            }

            if (char.IsHighSurrogate(unit) && TryReadUnit(raw[6..], out var low) && Rune.TryCreate(unit, low, out var pair))
            {
                rune = pair;
                return 12;
            }

            return 6;
        }

        rune = raw[1] switch
        {
            (byte)'b' => new Rune('\b'),
            (byte)'f' => new Rune('\f'),
            (byte)'n' => new Rune('\n'),
            (byte)'r' => new Rune('\r'),
            (byte)'t' => new Rune('\t'),
            (byte)'"' => new Rune('"'),
            (byte)'\\' => new Rune('\\'),
            (byte)'/' => new Rune('/'),
            _ => Rune.ReplacementChar,
        };
        return 2;
    }

    private static bool TryReadUnit(ReadOnlySpan<byte> raw, out char unit)
    {
        unit = default;
        if (raw.Length < 6 || !raw.StartsWith("\\u"u8) || !ushort.TryParse(raw[2..6], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
        {
            return false;
        }

        unit = (char)value;
        return true;
    }
}
