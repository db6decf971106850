using System.Security.Cryptography;
using System.Text;
using Benchmarks.Calls;
using Benchmarks.Measuring;
using ExchangeResilience;
using ExchangeResilience.Ed25519;
using NSec.Cryptography;

namespace Benchmarks.Signing;

/// <summary>What the signature of a query costs beside the primitive that makes it, for each kind of key: timestamp and recvWindow are written, the text is signed, and the address made.</summary>
internal static class Signatures
{
    private const long StampMs = 1_499_827_319_559;
    private const string Secret = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j";

    private static readonly byte[] Payload = Encoding.ASCII.GetBytes("symbol=BTCUSDT&orderId=22542179&recvWindow=5000&timestamp=1499827319559");
    private static readonly byte[] HmacKey = Encoding.ASCII.GetBytes(Secret);

    public static async Task MeasureAsync(Report report, RunOptions options)
    {
        using var rsa = RSA.Create(2048);
        using var ed25519 = Key.Create(SignatureAlgorithm.Ed25519, new KeyCreationParameters { ExportPolicy = KeyExportPolicies.AllowPlaintextExport });
        using var byRsa = new RsaSha256Signer(new ExchangeSecret(rsa.ExportPkcs8PrivateKeyPem()));
        using var byEd25519 = new Ed25519Signer(new ExchangeSecret(Encoding.ASCII.GetString(ed25519.Export(KeyBlobFormat.PkixPrivateKeyText))));
        await MeasureAsync("HMAC-SHA256", static () => Convert.ToHexStringLower(HMACSHA256.HashData(HmacKey, Payload)), new HmacSha256Signer(new ExchangeSecret(Secret)), report, options);
        await MeasureAsync("RSA-2048", () => Convert.ToBase64String(rsa.SignData(Payload, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)), byRsa, report, options);
        await MeasureAsync("Ed25519", () => Convert.ToBase64String(SignatureAlgorithm.Ed25519.Sign(ed25519, Payload)), byEd25519, report, options);
    }

    private static Task MeasureAsync(string kind, Func<string> primitive, IExchangeSigner signer, Report report, RunOptions options)
    {
        var signs = new RequestSigner(signer, TimeSpan.FromSeconds(5));
        var address = new Uri($"{FuturesClient.Host}{FuturesClient.OrderPath}?{FuturesClient.OrderQuery}");
        return TurnBench.MeasureAsync(
            $"a signature, {kind}",
            [
                ($"the primitive on {Payload.Length} bytes, and its text", new Signing(primitive)),
                ("a query, signed", new Signing(() => signs.Sign(RequestTarget.Of(address), body: null, StampMs).Address)),
            ],
            report, options);
    }

    private sealed class Signing(Func<object> sign) : IStack
    {
        private static readonly Task<int> Done = Task.FromResult(0);

        public Task<int> CallAsync()
        {
            GC.KeepAlive(sign());
            return Done;
        }

        public void Dispose()
        {
        }
    }
}
