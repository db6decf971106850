using System.Security.Cryptography;
using System.Text;

namespace ExchangeResilience;

/// <summary>Signs with the secret that was issued together with the API key: HMAC-SHA256, in lower-case hexadecimal.</summary>
public sealed class HmacSha256Signer : IExchangeSigner
{
    private readonly byte[] _key;

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
    public string Sign(ReadOnlySpan<byte> payload)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(_key, payload, hash);
        return Convert.ToHexStringLower(hash);
    }
}
