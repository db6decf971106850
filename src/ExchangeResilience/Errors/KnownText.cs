namespace ExchangeResilience;

/// <summary>Texts of the exchange that mean something by themselves, from the most harmless to the least certain.</summary>
internal enum KnownText : byte
{
    None = 0,

    /// <summary>Too many requests, without a code. It says that the caller has to wait, and nothing of the request.</summary>
    TooManyRequests,

    /// <summary>The text is about maintenance. It names the trouble and says nothing of the request.</summary>
    Maintenance,

    /// <summary>Documented as a certain failure, where it is the whole message.</summary>
    ServiceUnavailable,

    /// <summary>Accepted, and its outcome is not known.</summary>
    UnknownError,

    /// <summary>An unknown error, documented without a verdict.</summary>
    UnknownErrorOccurred,

    /// <summary>The exchange says that it does not know the request's outcome.</summary>
    StatusUnknown,
}
