using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Web;
using WireMock.Logging;

namespace ExchangeResilience.WireMock.Tests;

/// <summary>One request as the server has logged it.</summary>
internal sealed record Received(DateTimeOffset At, int Status, string Query)
{
    /// <summary>What the request was stamped with.</summary>
    public DateTimeOffset Stamp => DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(HttpUtility.ParseQueryString(Query)["timestamp"]!, CultureInfo.InvariantCulture));

    public static Received Of(ILogEntry entry) =>
        new(new DateTimeOffset(entry.RequestMessage!.DateTime.ToUniversalTime()), Convert.ToInt32(entry.ResponseMessage!.StatusCode, CultureInfo.InvariantCulture), new Uri(entry.RequestMessage.AbsoluteUrl).Query.TrimStart('?'));

    /// <summary>Whether the signature covers all that goes before it.</summary>
    public bool IsSignedWith(string secret) =>
        Query.Split("&signature=") is [var payload, var signature]
        && signature == Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(payload)));
}
