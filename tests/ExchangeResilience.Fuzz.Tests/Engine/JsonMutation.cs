using System.Text;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>Mutations that leave JSON mostly whole, so that they reach what lies behind the parser.</summary>
internal static class JsonMutation
{
    private static readonly byte[][] Values =
    [
        .. new[]
        {
            "0", "-0", "1", "-1", "200", "-1003", "-1007", "-1021", "-2013", "-4116", "-2147483648", "2147483648", "-99999999999", "9223372036854775807", "9223372036854775808", "-1.0", "-1e3", "1E400", "1e-400",
            "0.1", "79228162514264337593543950336", "100000000000000000000000000000000000000000000000000", "null", "true", "false", "\"\"", "[]", "{}", "[[]]", "[1]", "{\"code\":-1121,\"msg\":\"x\"}",
            "\"\\uD800\"", "\"\\uDC00x\"", "\"\\u0000\"", "\"a\\nb\"", "\"\\ud83d\\ude00\"", "\"-1003\"", "\"+200\"", "\"200\"", "\"0200\"", "\" 200\"", "\"2OO\"", "\"1,000\"", "\"0.010-\"", "\"NaN\"", "\"1e3\"",
            "\"Service Unavailable.\"", "\"service unavailable\"", "\"Unknown error, please check your request or try again later.\"", "\"Request occur unknown error.\"", "\"The system is under maintenance\"",
            "1767225600000", "1767225605000", "1767225606001", "\"1767225600000\"", "253402300800000", "-62135596800001", "1767225600",
        }.Select(Encoding.UTF8.GetBytes),
        [(byte)'"', 0xFF, (byte)'"'],
        [(byte)'"', 0xC3, 0x28, (byte)'"'],
    ];

    private static readonly int[] Depths = [1, 2, 5, 62, 63, 64, 65, 300];

    /// <summary>Null where the bytes hold nothing that looks like a token.</summary>
    public static byte[]? Apply(byte[] bytes, FuzzRandom random)
    {
        if ((TokenFrom(bytes, random.Next(bytes.Length + 1)) ?? TokenFrom(bytes, 0)) is not { } token)
        {
            return null;
        }

        var (at, length) = token;
        var text = bytes.AsSpan(at, length);
        switch (random.Next(9))
        {
            case 0 or 1:
                return Mutator.Replace(bytes, at, length, random.Pick(Values));
            case 2:
                return Mutator.Replace(bytes, at, length, Nested(text, random));
            case 3:
                return Escaped(bytes, at, length, random);
            case 4:
                return Mutator.Replace(bytes, at, length, text[0] == '"' ? text.Trim((byte)'"') : [(byte)'"', .. text, (byte)'"']);
            case 5 or 6:
                return Duplicated(bytes, at, length, random);
            case 7 when TokenFrom(bytes, random.Next(bytes.Length)) is { } other:
                return Mutator.Replace(bytes, at, length, bytes.AsSpan(other.At, other.Length));
            default:
                return Mutator.Replace(bytes, at, 0, " \t\r\n"u8.Slice(random.Next(4), 1));
        }
    }

    /// <summary>The first string, number or word at or after a place. It may begin inside one, as garbage does.</summary>
    private static (int At, int Length)? TokenFrom(ReadOnlySpan<byte> bytes, int from)
    {
        var at = from;
        while (at < bytes.Length && bytes[at] is (byte)' ' or (byte)',' or (byte)':' or (byte)'{' or (byte)'}' or (byte)'[' or (byte)']')
        {
            at++;
        }

        if (at >= bytes.Length)
        {
            return null;
        }

        var end = at + 1;
        if (bytes[at] == '"')
        {
            while (end < bytes.Length && bytes[end] != '"')
            {
                end += bytes[end] == '\\' ? 2 : 1;
            }

            end = Math.Min(end + 1, bytes.Length);
        }
        else
        {
            while (end < bytes.Length && bytes[end] is not ((byte)' ' or (byte)',' or (byte)':' or (byte)'}' or (byte)']' or (byte)'"'))
            {
                end++;
            }
        }

        return (at, end - at);
    }

    private static byte[] Nested(ReadOnlySpan<byte> value, FuzzRandom random)
    {
        var depth = random.Pick<int>(Depths);
        return random.OneIn(2)
            ? [.. Enumerable.Repeat((byte)'[', depth), .. value, .. Enumerable.Repeat((byte)']', depth)]
            : [.. Enumerable.Repeat("{\"a\":"u8.ToArray(), depth).SelectMany(b => b), .. value, .. Enumerable.Repeat((byte)'}', depth)];
    }

    private static byte[] Escaped(byte[] bytes, int at, int length, FuzzRandom random)
    {
        var place = at + random.Next(length);
        return bytes[place] is < 0x20 or > 0x7E or (byte)'"' or (byte)'\\'
            ? Mutator.Replace(bytes, place, 0, "\\uD800"u8)
            : Mutator.Replace(bytes, place, 1, Encoding.ASCII.GetBytes($"\\u{(int)bytes[place]:X4}"));
    }

    /// <summary>The same member again, before or after itself, with another value or the same.</summary>
    private static byte[] Duplicated(byte[] bytes, int at, int length, FuzzRandom random)
    {
        var colon = at + length;
        if (bytes[at] != '"' || colon >= bytes.Length || bytes[colon] != ':' || TokenFrom(bytes, colon) is not { } value)
        {
            return Mutator.Replace(bytes, at, length, random.Pick(Values));
        }

        var name = bytes.AsSpan(at, length);
        var other = random.OneIn(2) ? random.Pick(Values) : bytes.AsSpan(value.At, value.Length);
        return random.OneIn(2)
            ? Mutator.Replace(bytes, at, 0, [.. name, (byte)':', .. other, (byte)','])
            : Mutator.Replace(bytes, value.At + value.Length, 0, [(byte)',', .. name, (byte)':', .. other]);
    }
}
