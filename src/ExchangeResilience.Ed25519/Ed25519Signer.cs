using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using NSec.Cryptography;

namespace ExchangeResilience.Ed25519;

/// <summary>Signs with a private Ed25519 key whose public half was registered at the exchange, in base64.</summary>
public sealed class Ed25519Signer : IExchangeSigner, IDisposable
{
    // RFC 8410: the identifier of the algorithm; and the key, in a string of its own within that of PKCS#8.
    private const string Algorithm = "1.3.101.112";
    private const string Encrypted = "ENCRYPTED PRIVATE KEY";
    private const string Plain = "PRIVATE KEY";
    private const int KeyOffset = 2;

    private readonly Key _key;

    private Ed25519Signer(Key key) => _key = key;

    /// <param name="privateKeyPem">The private key in PEM form, PKCS#8: <c>BEGIN PRIVATE KEY</c>, or <c>BEGIN ENCRYPTED PRIVATE KEY</c> with a passphrase.</param>
    /// <param name="passphrase">Opens the key where it is encrypted.</param>
    /// <exception cref="ArgumentException">It is not a private Ed25519 key in that form, or the passphrase does not open it. The message holds nothing of either.</exception>
    public Ed25519Signer(ExchangeSecret privateKeyPem, ExchangeSecret? passphrase = null)
    {
        ArgumentNullException.ThrowIfNull(privateKeyPem);
        _key = Read(privateKeyPem.Reveal(), passphrase?.Reveal())
            ?? throw new ArgumentException("The key is not a private Ed25519 key in PEM form (BEGIN PRIVATE KEY), or its passphrase is missing or wrong.", nameof(privateKeyPem));
    }

    /// <inheritdoc/>
    public string Sign(ReadOnlySpan<byte> payload) => Convert.ToBase64String(SignatureAlgorithm.Ed25519.Sign(_key, payload));

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();

    /// <summary>What signs with a key; null where it is of another kind, or the passphrase does not open it.</summary>
    internal static Ed25519Signer? TryRead(string pem, string? passphrase) => Read(pem, passphrase) is { } key ? new Ed25519Signer(key) : null;

    private static Key? Read(string pem, string? passphrase)
    {
        if (!PemEncoding.TryFind(pem, out var fields))
        {
            return null;
        }

        try
        {
            var data = Convert.FromBase64String(pem[fields.Base64Data]);
            var info = pem[fields.Label] switch
            {
                Plain => Pkcs8PrivateKeyInfo.Decode(data, out _),
                Encrypted when passphrase is not null => Pkcs8PrivateKeyInfo.DecryptAndDecode(passphrase, data, out _),
                _ => null,
            };
            return info is { AlgorithmId.Value: Algorithm, PrivateKeyBytes: { } key } && key.Length > KeyOffset
                && Key.TryImport(SignatureAlgorithm.Ed25519, key.Span[KeyOffset..], KeyBlobFormat.RawPrivateKey, out var imported)
                ? imported
                : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }
}
