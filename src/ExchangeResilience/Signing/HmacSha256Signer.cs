using System.Security.Cryptography;
using System.Text;

namespace ExchangeResilience;

/// <summary>Signs with the secret that was issued together with the API key: HMAC-SHA256, in lower-case hexadecimal.</summary>
public sealed class HmacSha256Signer : IExchangeSigner
{
    private readonly byte[] _key;

    // To key a hash costs more than to hash a request: one that is keyed waits here for the next caller.
    private IncrementalHash? _keyed;

    /// <param name="secret">The secret, as the exchange showed it.</param>
    /// <exception cref="ArgumentException">The secret is empty.</exception>
    public HmacSha256Signer(ExchangeSecret secret)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (secret.IsBlank)
        {
            throw new ArgumentException("The secret is empty.", nameof(secret));
        }

        _key = Encoding.UTF8.GetBytes(secret.Reveal());
    }

    /// <inheritdoc/>
    public string Sign(ReadOnlySpan<byte> payload) => new(Sign(payload, stackalloc char[2 * HMACSHA256.HashSizeInBytes]));

    /// <summary>Signs without a string of its own: into the text, two characters for each byte of the hash.</summary>
    internal ReadOnlySpan<char> Sign(ReadOnlySpan<byte> payload, Span<char> text)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var keyed = Interlocked.Exchange(ref _keyed, null) ?? IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _key);
        keyed.AppendData(payload);
        keyed.GetHashAndReset(hash);
        Interlocked.Exchange(ref _keyed, keyed)?.Dispose();
        Convert.TryToHexStringLower(hash, text, out var written);
        return text[..written];
    }
}
