using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Benchmarks.Calls;

/// <summary>What a program without a library writes: concatenate, hash, hexadecimal digits, a new address.</summary>
internal sealed class SigningByHand(string apiKey, string secret) : DelegatingHandler
{
    private readonly byte[] _key = Encoding.ASCII.GetBytes(secret);

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var address = request.RequestUri!;
        var query = string.Create(CultureInfo.InvariantCulture, $"{address.Query.TrimStart('?')}&recvWindow=5000&timestamp={TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}");
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(query)));
        request.RequestUri = new Uri($"{address.GetLeftPart(UriPartial.Path)}?{query}&signature={signature}");
        request.Headers.Add("X-MBX-APIKEY", apiKey);
        return base.SendAsync(request, cancellationToken);
    }
}
