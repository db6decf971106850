using System.Text;
using NSec.Cryptography;

namespace ExchangeResilience.Stacking.Tests.Clients;

#region ed25519
/// <param name="pem">The private key, PKCS#8 in PEM form.</param>
public sealed class Ed25519Signer(string pem) : IExchangeSigner, IDisposable
{
    private readonly Key _key = Key.Import(SignatureAlgorithm.Ed25519, Encoding.ASCII.GetBytes(pem), KeyBlobFormat.PkixPrivateKeyText);

    public string Sign(ReadOnlySpan<byte> payload) => Convert.ToBase64String(SignatureAlgorithm.Ed25519.Sign(_key, payload));

    public void Dispose() => _key.Dispose();
}
#endregion
