namespace ExchangeResilience;

/// <summary>The wording of the replies of Binance USDⓈ-M futures (general info, "HTTP Return Codes" and "LIMITS"; error page, -1000, -1003, -1006, -1007 and -1015).</summary>
internal static class BinanceUsdFuturesReplies
{
    public static ReplyVocabulary Vocabulary { get; } = new()
    {
        IsFailure = static code => code < 0,
        Texts =
        [
            // Accepted, and its outcome is not known.
            new(KnownText.UnknownError, TextPlace.Start, "unknown error, please check your request or try again later"),

            // Documented without a verdict.
            new(KnownText.UnknownErrorOccurred, TextPlace.Start, "request occur unknown error"),

            // The caller has to wait; nothing of the request.
            new(KnownText.TooManyRequests, TextPlace.Start, "too many requests"),

            // Documented as a certain failure, for 503 alone.
            new(KnownText.ServiceUnavailable, TextPlace.Whole, "service unavailable"),

            // As of -1006 and -1007, and as of -1000.
            new(KnownText.StatusUnknown, TextPlace.Anywhere, "execution status unknown"),
            new(KnownText.StatusUnknown, TextPlace.Anywhere, "unknown error occur"),

            new(KnownText.Maintenance, TextPlace.Anywhere, "under maintenance"),
        ],

        // "Way too many requests; IP(%s) banned until %s."
        Banned = "banned"u8.ToArray(),
        BannedUntil = "until"u8.ToArray(),

        // "Too many new orders; current limit is 300 orders per TEN_SECONDS."
        OrdersPer = "orders per "u8.ToArray(),
        Ten = "TEN"u8.ToArray(),
    };
}
