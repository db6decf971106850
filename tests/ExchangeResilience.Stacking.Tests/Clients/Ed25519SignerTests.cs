using System.Text;
using NSec.Cryptography;

namespace ExchangeResilience.Stacking.Tests.Clients;

/// <summary>The signer that the page on other clients shows for keys that .NET cannot sign with.</summary>
public sealed class Ed25519SignerTests
{
    [Fact]
    public void It_signs_what_the_public_key_verifies()
    {
        using var key = Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        using var signer = new Ed25519Signer(Encoding.ASCII.GetString(key.Export(KeyBlobFormat.PkixPrivateKeyText)));

        var signature = Convert.FromBase64String(signer.Sign("symbol=BTCUSDT"u8));

        SignatureAlgorithm.Ed25519.Verify(key.PublicKey, "symbol=BTCUSDT"u8, signature).ShouldBeTrue();
        SignatureAlgorithm.Ed25519.Verify(key.PublicKey, "symbol=BTCUSDX"u8, signature).ShouldBeFalse();
    }
}
