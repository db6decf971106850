using System.Security.Cryptography;
using System.Text;
using BenchmarkDotNet.Attributes;
using ExchangeResilience;

namespace Benchmarks.Signing;

/// <summary>What a signature costs: the primitive alone, the signer, and a whole request with timestamp and recvWindow written into it.</summary>
public class SigningBenchmarks
{
    private const string Hmac = "HMAC-SHA256";
    private const string Rsa = "RSA-2048";
    private const string Query = "?symbol=BTCUSDT&orderId=22542179";
    private const string Form = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.012&newClientOrderId=xr-5XzUvL3yDNRl";
    private const long StampMs = 1_499_827_319_559;

    private static readonly byte[] Payload = Encoding.ASCII.GetBytes("symbol=BTCUSDT&orderId=22542179&recvWindow=5000&timestamp=1499827319559");
    private static readonly byte[] HmacKey = Encoding.ASCII.GetBytes("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j");
    private static readonly RequestTarget ToQuery = RequestTarget.Of(new Uri($"https://fapi.binance.com/fapi/v1/order{Query}"));
    private static readonly RequestTarget ToPlace = RequestTarget.Of(new Uri("https://fapi.binance.com/fapi/v1/order"));

    private RSA? _rsa;
    private IExchangeSigner? _signer;
    private RequestSigner _requests;

    [Params(Hmac, Rsa)]
    public string Algorithm { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        _rsa = RSA.Create(2048);
        _signer = Algorithm == Hmac
            ? new HmacSha256Signer(new ExchangeSecret(Encoding.ASCII.GetString(HmacKey)))
            : new RsaSha256Signer(new ExchangeSecret(_rsa.ExportPkcs8PrivateKeyPem()));
        _requests = new RequestSigner(_signer, TimeSpan.FromSeconds(5));
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        (_signer as IDisposable)?.Dispose();
        _rsa?.Dispose();
    }

    [Benchmark(Description = "the primitive of .NET and its text")]
    public string Primitive()
    {
        if (Algorithm == Rsa)
        {
            return Convert.ToBase64String(_rsa!.SignData(Payload, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }

        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(HmacKey, Payload, hash);
        return Convert.ToHexStringLower(hash);
    }

    [Benchmark(Description = "IExchangeSigner")]
    public string Sign() => _signer!.Sign(Payload);

    [Benchmark(Description = "RequestSigner: a query")]
    public Uri SignQuery() => _requests.Sign(ToQuery, body: null, StampMs).Address;

    [Benchmark(Description = "RequestSigner: an order's form")]
    public string? SignForm() => _requests.Sign(ToPlace, Form, StampMs).Body;
}
