using System.Text;

namespace ExchangeResilience.Fuzz.Tests;

/// <summary>Makes inputs of a target's seeds: the same ones for the same seed and index.</summary>
internal sealed class Mutator
{
    private const int Longest = 256 * 1024;

    private static readonly byte[][] Words =
    [
        .. new[]
        {
            "\uFEFF", "\0", "\u2028", "{", "}", "[", "]", "\"", "\\", ":", ",", "null", "true", "-", "0", "\r\n", " ", "\\u0000", "\\uD800", "\\uDC00", "\\ud83d\\ude00",
            "code", "msg", "\"code\":-1121,", "\"code\":-1007,", "\"code\":200,", "\"msg\":\"Service Unavailable.\",", "\"orderId\":1,", "\"error\":{\"code\":-1003},", "SUCCESS",
            "Unknown error, please check your request or try again later.", "Request occur unknown error.", "Service Unavailable.", "under maintenance", "<html>", "banned until 1767225660000",
            "9223372036854775807", "1e308", "-0", "1,000", "0x1F", "%00", "%FF", "%", "&", "=", "+", "?",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC3, 0x28], [0xED, 0xA0, 0x80],
    ];

    private readonly FuzzTarget _target;
    private readonly byte[][] _words;

    public Mutator(FuzzTarget target)
    {
        _target = target;
        _words = [.. Words, .. target.Words.Select(Encoding.UTF8.GetBytes)];
    }

    public byte[] Make(long seed, long index)
    {
        var random = new FuzzRandom(seed, index);
        var selectors = _target.SelectorBytes;
        var source = random.Pick(_target.Seeds);
        var content = source[Math.Min(source.Length, selectors)..];
        for (var rounds = Rounds(random); rounds > 0 && content.Length < Longest; rounds--)
        {
            content = random.OneIn(2) ? JsonMutation.Apply(content, random) ?? Mutate(content, random) : Mutate(content, random);
        }

        if (random.OneIn(2000))
        {
            content = Inflate(content, random);
        }

        if (selectors == 0)
        {
            return content;
        }

        var input = new byte[selectors + content.Length];
        content.CopyTo(input, selectors);
        for (var place = 0; place < selectors; place++)
        {
            input[place] = place < source.Length && !random.OneIn(3) ? source[place] : (byte)random.Next(256);
        }

        return input;
    }

    private static int Rounds(FuzzRandom random) => random.Next(8) switch
    {
        0 => 0,
        < 5 => 1,
        < 7 => 2,
        _ => 3 + random.Next(6),
    };

    private byte[] Mutate(byte[] bytes, FuzzRandom random)
    {
        if (bytes.Length == 0)
        {
            return random.Pick(_words);
        }

        var at = random.Next(bytes.Length);
        var length = 1 + random.Next(Math.Min(bytes.Length - at, random.OneIn(4) ? bytes.Length : 8));
        switch (random.Next(8))
        {
            case 0:
                return Replace(bytes, at, 1, [(byte)(bytes[at] ^ (1 << random.Next(8)))]);
            case 1:
                return Replace(bytes, at, 1, [(byte)random.Next(256)]);
            case 2:
                return Replace(bytes, at, 0, [(byte)random.Next(256)]);
            case 3:
                return Replace(bytes, at, length, []);
            case 4:
                return Replace(bytes, at, 0, bytes.AsSpan(at, length));
            case 5:
                return Splice(bytes, at, random);
            case 6:
                return bytes[..at];
            default:
                return Replace(bytes, at, random.OneIn(2) ? 0 : length, random.Pick(_words));
        }
    }

    private byte[] Splice(byte[] bytes, int at, FuzzRandom random)
    {
        var other = random.Pick(_target.Seeds).AsSpan();
        other = other[Math.Min(other.Length, _target.SelectorBytes)..];
        return other.IsEmpty ? bytes : Replace(bytes, at, bytes.Length - at, other[random.Next(other.Length)..]);
    }

    /// <summary>Sizes about the bounds of what is read: one piece many times over.</summary>
    private static byte[] Inflate(byte[] bytes, FuzzRandom random)
    {
        if (bytes.Length == 0)
        {
            return bytes;
        }

        var at = random.Next(bytes.Length);
        var piece = bytes.AsSpan(at, 1 + random.Next(Math.Min(bytes.Length - at, 64)));
        var room = random.Pick<int>([1_000, 20_000, 64 * 1024 - bytes.Length, 64 * 1024 - bytes.Length + 1, 100_000, Longest - bytes.Length]);
        var times = Math.Max(0, room) / piece.Length;
        var filling = new byte[times * piece.Length];
        for (var i = 0; i < times; i++)
        {
            piece.CopyTo(filling.AsSpan(i * piece.Length));
        }

        return Replace(bytes, at, 0, filling);
    }

    internal static byte[] Replace(ReadOnlySpan<byte> bytes, int at, int length, ReadOnlySpan<byte> by)
    {
        var result = new byte[bytes.Length - length + by.Length];
        bytes[..at].CopyTo(result);
        by.CopyTo(result.AsSpan(at));
        bytes[(at + length)..].CopyTo(result.AsSpan(at + by.Length));
        return result;
    }
}
