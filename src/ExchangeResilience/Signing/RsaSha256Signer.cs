using System.Security.Cryptography;

namespace ExchangeResilience;

/// <summary>Signs with a private RSA key whose public half was registered at the exchange: RSASSA-PKCS1-v1_5 with SHA-256, in base64.</summary>
public sealed class RsaSha256Signer : IExchangeSigner, IDisposable
{
    private readonly RSA _key;

    // RSA does not promise that one instance may sign on several threads.
    private readonly Lock _signing = new();

    internal RsaSha256Signer(RSA key) => _key = key;

    /// <param name="privateKeyPem">The private key in PEM form (<c>BEGIN PRIVATE KEY</c>, PKCS#8), not encrypted.</param>
    /// <exception cref="ArgumentException">It is not a private RSA key in that form. The message holds nothing of it.</exception>
    public RsaSha256Signer(ExchangeSecret privateKeyPem)
    {
        ArgumentNullException.ThrowIfNull(privateKeyPem);
        _key = RSA.Create();
        try
        {
            _key.ImportFromPem(privateKeyPem.Reveal());
            _ = Sign([]); // A public key alone imports just as well.
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            _key.Dispose();
            throw new ArgumentException("The key is not an unencrypted private RSA key in PEM form (BEGIN PRIVATE KEY).", nameof(privateKeyPem), failure);
        }
    }

    /// <inheritdoc/>
    public string Sign(ReadOnlySpan<byte> payload)
    {
        lock (_signing)
        {
            return Convert.ToBase64String(_key.SignData(payload, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
