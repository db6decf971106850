namespace ExchangeResilience;

/// <summary>The headers of the exchange's own.</summary>
internal static class ExchangeHeaders
{
    public const string ApiKey = "X-MBX-APIKEY";

    /// <summary>Begins the header that shows the used weight of a window, which follows: <c>1M</c>.</summary>
    public const string UsedWeight = "X-MBX-USED-WEIGHT-";

    /// <summary>As above, for the orders of an account.</summary>
    public const string OrderCount = "X-MBX-ORDER-COUNT-";
}
