namespace ExchangeResilience;

/// <summary>Texts of the exchange that mean something by themselves, from the most harmless to the darkest.</summary>
internal enum KnownText : byte
{
    None = 0,

    /// <summary>"Too many requests. Please try again later.", without a code. It says who has to wait and nothing of the request.</summary>
    TooManyRequests,

    /// <summary>The text speaks of maintenance. It names the trouble and says nothing of the request.</summary>
    Maintenance,

    /// <summary>"Service Unavailable." as the whole message: documented as a certain failure.</summary>
    ServiceUnavailable,

    /// <summary>"Unknown error, please check your request or try again later.": accepted, and what became of it is not known.</summary>
    UnknownError,

    /// <summary>"Request occur unknown error.": documented without a verdict.</summary>
    UnknownErrorOccurred,

    /// <summary>"... execution status unknown.", as of -1006 and -1007, or "An unknown error occured ...", as of -1000, wherever it stands.</summary>
    StatusUnknown,
}
