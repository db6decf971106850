using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ExchangeResilience.Testing;

namespace ExchangeResilience.Stacking.Tests.Migration;

/// <summary>What programs without the middleware write to sign: below the retries, so that each attempt is stamped and signed anew.</summary>
internal sealed class SigningHandler(TimeProvider time) : DelegatingHandler
{
    private static readonly byte[] Secret = Encoding.UTF8.GetBytes(SimulatedExchangeOptions.DefaultApiSecret);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var unsigned = request.RequestUri!;
        var query = string.Create(CultureInfo.InvariantCulture, $"{unsigned.Query.TrimStart('?')}&timestamp={time.GetUtcNow().ToUnixTimeMilliseconds()}");
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Secret, Encoding.UTF8.GetBytes(query)));
        request.RequestUri = new Uri(unsigned, $"{unsigned.AbsolutePath}?{query}&signature={signature}");
        request.Headers.Remove("X-MBX-APIKEY");
        request.Headers.Add("X-MBX-APIKEY", SimulatedExchangeOptions.DefaultApiKey);
        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        finally
        {
            request.RequestUri = unsigned;
        }
    }
}
