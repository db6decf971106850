using System.Text;

namespace ExchangeResilience;

/// <summary>Recognises the known texts (Binance USD-M general info, "HTTP Return Codes").</summary>
internal static class KnownTexts
{
    private static ReadOnlySpan<byte> UnknownError => "unknown error, please check your request or try again later"u8;
    private static ReadOnlySpan<byte> UnknownErrorOccurred => "request occur unknown error"u8;
    private static ReadOnlySpan<byte> StatusUnknown => "execution status unknown"u8;
    private static ReadOnlySpan<byte> UnknownErrorMet => "unknown error occur"u8;
    private static ReadOnlySpan<byte> ServiceUnavailable => "service unavailable"u8;
    private static ReadOnlySpan<byte> TooManyRequests => "too many requests"u8;
    private static ReadOnlySpan<byte> Maintenance => "under maintenance"u8;

    /// <summary>How those who refuse to serve a place speak of it: CloudFront, Cloudflare and the exchange itself, each in words of its own.</summary>
    private static readonly byte[][] Places =
    [
        .. ((string[])["countr", "jurisdiction", "geograph", "geo-block", "geoblock", "geo-restrict", "your region", "restricted region", "your location", "this location", "restricted location"])
            .Select(Encoding.ASCII.GetBytes),
    ];

    /// <summary>Whether the text alone takes every certainty away.</summary>
    public static bool IsDark(this KnownText text) => text >= KnownText.UnknownError;

    /// <summary>Reads a whole message. The dark texts may have a tail, the certain failure may not.</summary>
    public static KnownText OfMessage(ReadOnlySpan<byte> message)
    {
        message = message.Trim(" \t\r\n"u8);
        if (message.IsEmpty)
        {
            return KnownText.None;
        }

        return (message[0] | 0x20) switch
        {
            'u' when CaselessText.StartsWith(message, UnknownError) => KnownText.UnknownError,
            'r' when CaselessText.StartsWith(message, UnknownErrorOccurred) => KnownText.UnknownErrorOccurred,
            't' when CaselessText.StartsWith(message, TooManyRequests) => KnownText.TooManyRequests,
            's' when Ascii.EqualsIgnoreCase(message[^1] == '.' ? message[..^1] : message, ServiceUnavailable) => KnownText.ServiceUnavailable,
            _ when AdmitsIgnorance(message) => KnownText.StatusUnknown,
            _ => KnownText.None,
        };
    }

    /// <summary>Searches text of no known structure. It finds what darkens, never what reassures.</summary>
    public static KnownText Within(ReadOnlySpan<byte> text) =>
        CaselessText.Contains(text, UnknownError) ? KnownText.UnknownError
        : CaselessText.Contains(text, UnknownErrorOccurred) ? KnownText.UnknownErrorOccurred
        : AdmitsIgnorance(text) ? KnownText.StatusUnknown
        : SpeaksOfMaintenance(text) ? KnownText.Maintenance
        : KnownText.None;

    /// <summary>Whether a refusal names the country or the place it is for.</summary>
    public static bool SpeaksOfPlace(ReadOnlySpan<byte> text)
    {
        foreach (var place in Places)
        {
            if (CaselessText.Contains(text, place))
            {
                return true;
            }
        }

        return false;
    }

    private static bool AdmitsIgnorance(ReadOnlySpan<byte> text) => CaselessText.Contains(text, StatusUnknown) || CaselessText.Contains(text, UnknownErrorMet);

    public static bool SpeaksOfMaintenance(ReadOnlySpan<byte> text) => CaselessText.Contains(text, Maintenance);

    /// <summary>What two messages in one body say together: a reassurance must be unanimous, a doubt need not.</summary>
    public static KnownText Both(KnownText one, KnownText other)
    {
        var darker = one > other ? one : other;
        return one == other || darker.IsDark() ? darker
            : one == KnownText.Maintenance || other == KnownText.Maintenance ? KnownText.Maintenance
            : KnownText.None;
    }
}
