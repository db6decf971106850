using System.Text;

namespace ExchangeResilience;

/// <summary>What known texts say together, and what a refusal says of the place it is for.</summary>
internal static class KnownTexts
{
    /// <summary>How a refusal to serve a place is worded: CloudFront, Cloudflare and the exchange itself each have their own wording.</summary>
    private static readonly byte[][] Places =
    [
        .. ((string[])["countr", "jurisdiction", "geograph", "geo-block", "geoblock", "geo-restrict", "your region", "restricted region", "your location", "this location", "restricted location"])
            .Select(Encoding.ASCII.GetBytes),
    ];

    public static bool LeavesOutcomeOpen(this KnownText text) => text >= KnownText.UnknownError;

    public static bool NamesPlace(ReadOnlySpan<byte> text)
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

    /// <summary>What two messages in one body say together: a certain failure must be unanimous, a doubt need not.</summary>
    public static KnownText Both(KnownText one, KnownText other)
    {
        var darker = one > other ? one : other;
        return one == other || darker.LeavesOutcomeOpen() ? darker
            : one == KnownText.Maintenance || other == KnownText.Maintenance ? KnownText.Maintenance
            : KnownText.None;
    }
}
