using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Tests.Clients;

/// <summary>Requests as a library makes them that signs for itself before they enter.</summary>
internal static class SelfSigned
{
    public const int RecvWindowMs = 5_000;

    /// <summary>All parameters in the query.</summary>
    public static HttpRequestMessage Query(HttpMethod method, string pathAndQuery, TimeProvider time, string key = SimulatedExchangeOptions.DefaultApiKey, string secret = SimulatedExchangeOptions.DefaultApiSecret, long? stampMs = null, string? window = "5000")
    {
        var path = pathAndQuery.Split('?')[0];
        var text = Signed(pathAndQuery.Contains('?', StringComparison.Ordinal) ? pathAndQuery[(path.Length + 1)..] : "", time, secret, stampMs, window);
        var request = new HttpRequestMessage(method, $"{path}?{text}");
        request.Headers.Add("X-MBX-APIKEY", key);
        return request;
    }

    /// <summary>All parameters in the form.</summary>
    public static HttpRequestMessage Form(HttpMethod method, string path, string parameters, TimeProvider time, string key = SimulatedExchangeOptions.DefaultApiKey, string secret = SimulatedExchangeOptions.DefaultApiSecret, string? window = "5000")
    {
        var request = new HttpRequestMessage(method, path) { Content = new StringContent(Signed(parameters, time, secret, stampMs: null, window), Encoding.ASCII, "application/x-www-form-urlencoded") };
        request.Headers.Add("X-MBX-APIKEY", key);
        return request;
    }

    private static string Signed(string parameters, TimeProvider time, string secret, long? stampMs, string? window)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{parameters}{(parameters.Length == 0 ? "" : "&")}{(window is null ? "" : $"recvWindow={window}&")}timestamp={stampMs ?? time.GetUtcNow().ToUnixTimeMilliseconds()}");
        return $"{text}&signature={Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(text)))}";
    }
}
