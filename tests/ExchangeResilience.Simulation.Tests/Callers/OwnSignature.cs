using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Simulation.Tests.Callers;

/// <summary>A request that brings a key and signature of its own, as those of a gateway's tenants do.</summary>
internal static class OwnSignature
{
    public static void Sign(HttpRequestMessage request, SimulatedApiKey key, DateTimeOffset now)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{request.RequestUri}&recvWindow=5000&timestamp={now.ToUnixTimeMilliseconds()}");
        var query = text[(text.IndexOf('?', StringComparison.Ordinal) + 1)..];
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key.Secret), Encoding.UTF8.GetBytes(query)));
        request.RequestUri = new Uri($"{text}&signature={signature}", UriKind.Relative);
        request.Headers.Add("X-MBX-APIKEY", key.Key);
    }
}
