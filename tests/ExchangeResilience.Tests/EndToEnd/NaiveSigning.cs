using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.EndToEnd;

/// <summary>What a program without the middleware writes by hand.</summary>
internal static class NaiveSigning
{
    public static HttpRequestMessage Sign(HttpMethod method, string pathAndQuery, TimeProvider time)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{pathAndQuery}&recvWindow=5000&timestamp={time.GetUtcNow().ToUnixTimeMilliseconds()}");
        var query = text[(text.IndexOf('?', StringComparison.Ordinal) + 1)..];
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(SimulatedExchangeOptions.DefaultApiSecret), Encoding.UTF8.GetBytes(query)));
        var request = new HttpRequestMessage(method, $"{text}&signature={signature}");
        request.Headers.Add("X-MBX-APIKEY", SimulatedExchangeOptions.DefaultApiKey);
        return request;
    }
}
