using System.Text;

namespace ExchangeResilience;

/// <summary>What known texts say together, and what a refusal says of the place it is for.</summary>
internal static class KnownTexts
{
    /// <summary>How those who refuse to serve a place speak of it: CloudFront, Cloudflare and the exchange itself, each in words of its own.</summary>
    private static readonly byte[][] Places =
    [
        .. ((string[])["countr", "jurisdiction", "geograph", "geo-block", "geoblock", "geo-restrict", "your region", "restricted region", "your location", "this location", "restricted location"])
            .Select(Encoding.ASCII.GetBytes),
    ];

    /// <summary>Whether the text alone takes every certainty away.</summary>
    public static bool IsDark(this KnownText text) => text >= KnownText.UnknownError;

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

    /// <summary>What two messages in one body say together: a reassurance must be unanimous, a doubt need not.</summary>
    public static KnownText Both(KnownText one, KnownText other)
    {
        var darker = one > other ? one : other;
        return one == other || darker.IsDark() ? darker
            : one == KnownText.Maintenance || other == KnownText.Maintenance ? KnownText.Maintenance
            : KnownText.None;
    }
}
