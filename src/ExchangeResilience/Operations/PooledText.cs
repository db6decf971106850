using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ExchangeResilience;

/// <summary>Text that is written from front to back into memory of the pool, which it gives back at its end.</summary>
internal sealed class PooledText : IDisposable
{
    private const int FirstSize = 512;

    private char[] _characters = ArrayPool<char>.Shared.Rent(FirstSize);

    public int Length { get; private set; }

    /// <summary>What was written so far; good until more is written, or this is disposed of.</summary>
    public ReadOnlySpan<char> Written => _characters.AsSpan(0, Length);

    public void Append(char character)
    {
        Room(1)[0] = character;
        Length++;
    }

    public void Append(ReadOnlySpan<char> text)
    {
        text.CopyTo(Room(text.Length));
        Length += text.Length;
    }

    public void Append(long number)
    {
        const int MostDigits = 20;
        number.TryFormat(Room(MostDigits), out var written, provider: CultureInfo.InvariantCulture);
        Length += written;
    }

    /// <summary>The SHA-256 of what was written, as UTF-8, in lower-case hexadecimal.</summary>
    public string Hash()
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(Length));
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes.AsSpan(0, Encoding.UTF8.GetBytes(Written, bytes)), hash);
        ArrayPool<byte>.Shared.Return(bytes);
        return Convert.ToHexStringLower(hash);
    }

    public void Dispose()
    {
        ArrayPool<char>.Shared.Return(_characters);
        _characters = [];
        Length = 0;
    }

    public override string ToString() => Written.ToString();

    private Span<char> Room(int length)
    {
        if (length > _characters.Length - Length)
        {
            var larger = ArrayPool<char>.Shared.Rent(Math.Max(Length + length, 2 * _characters.Length));
            Written.CopyTo(larger);
            ArrayPool<char>.Shared.Return(_characters);
            _characters = larger;
        }

        return _characters.AsSpan(Length);
    }
}
