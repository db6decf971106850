using System.Security.Cryptography;

namespace ExchangeResilience;

/// <summary>Signs with a private key of an elliptic curve: ECDSA with SHA-256, DER-encoded as OpenSSL writes it, in base64.</summary>
internal sealed class EcdsaSha256Signer(ECDsa key) : IExchangeSigner, IDisposable
{
    // ECDsa does not promise that one instance may sign on several threads.
    private readonly Lock _signing = new();

    public string Sign(ReadOnlySpan<byte> payload)
    {
        lock (_signing)
        {
            return Convert.ToBase64String(key.SignData(payload, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        }
    }

    public void Dispose() => key.Dispose();
}
