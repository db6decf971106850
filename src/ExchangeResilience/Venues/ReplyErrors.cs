namespace ExchangeResilience;

/// <summary>Errors of replies that bear no code of the venue's table: what the status, or the lack of proof, tells.</summary>
internal static class ReplyErrors
{
    /// <summary>The name of every code that no table lists.</summary>
    public const string UnlistedCode = "UNLISTED_CODE";

    public static ErrorDefinition UnprovenReply { get; } = Doubt("UNPROVEN_REPLY", ErrorCategory.Indeterminate,
        "The reply is neither an error nor what this endpoint answers on success, so nothing is proved. Look the effect up before sending again.");

    public static ErrorDefinition ExecutionUnknown { get; } = Doubt("EXECUTION_UNKNOWN", ErrorCategory.Indeterminate,
        "The reply leaves open whether the request took effect. Look it up, by client order id or in the user data stream, before sending again.");

    public static ErrorDefinition UnderMaintenance { get; } = Doubt("UNDER_MAINTENANCE", ErrorCategory.Unavailable,
        "The exchange is under maintenance. Wait for its announcement; whether this request still went through must be looked up afterwards.");

    public static ErrorDefinition ServiceUnavailable { get; } = Certain("HTTP_503_SERVICE_UNAVAILABLE", ErrorCategory.Overloaded,
        "The exchange turned the request away as a certain failure and did not count it. Send again after 200, 400, 800 ms, at most five times.");

    public static ErrorDefinition Banned403 { get; } = Certain("HTTP_403_BANNED", ErrorCategory.RateLimited,
        "The firewall relays a ban of this address. Stop every client behind it until the instant the text names; requests meanwhile lengthen the ban.");

    private static readonly ErrorDefinition s_unauthorized = Certain("HTTP_401_UNAUTHORIZED", ErrorCategory.Authentication,
        "The key was not accepted and no code says why. Check that the key exists, belongs to this environment and may use this endpoint.");

    private static readonly ErrorDefinition s_firewall = Certain("HTTP_403_FIREWALL", ErrorCategory.Blocked,
        "The firewall in front of the exchange refused the address or the request. Stay quiet for five minutes, then look for SQL-like words in parameters.");

    private static readonly ErrorDefinition s_noSuchPath = Certain("HTTP_404_NO_SUCH_PATH", ErrorCategory.NotSupported,
        "This host has no such path or method. Check the base address, the API version and whether the endpoint exists on the test network.");

    private static readonly ErrorDefinition s_proxyCredentials = Certain("HTTP_407_PROXY_CREDENTIALS", ErrorCategory.Authentication,
        "The proxy on the way asks for credentials, so the request never reached the exchange. Set Proxy with Credentials on the primary handler.");

    private static readonly ErrorDefinition s_backendTimeout = Doubt("HTTP_408_BACKEND_TIMEOUT", ErrorCategory.Indeterminate,
        "The exchange's front waited in vain for its matching engine, which may still execute. Look the order up before sending again.");

    private static readonly ErrorDefinition s_conflict = Doubt("HTTP_409_PARTLY_DONE", ErrorCategory.Indeterminate,
        "One part of a combined request succeeded and another failed. Ask for both orders to learn which.");

    private static readonly ErrorDefinition s_banned = Certain("HTTP_418_BANNED", ErrorCategory.RateLimited,
        "The address is banned, for two minutes up to three days. Every client behind it must stay silent until then; requests meanwhile lengthen the ban.");

    private static readonly ErrorDefinition s_rateLimited = Certain("HTTP_429_RATE_LIMITED", ErrorCategory.RateLimited,
        "The request weight of this minute is spent. All clients of the address wait for the next minute, or they earn a ban.");

    private static readonly ErrorDefinition s_restricted = Certain("HTTP_451_RESTRICTED", ErrorCategory.Restricted,
        "The exchange does not serve the region this address belongs to. No retry helps; the terms of use name the permitted locations.");

    private static readonly ErrorDefinition s_refused = Certain("HTTP_4XX_REFUSED", ErrorCategory.Unclassified,
        "The request was refused with a client-side status and no usable code. Compare it with the endpoint's documentation before repeating it.");

    private static readonly ErrorDefinition s_badGateway = Doubt("HTTP_502_BAD_GATEWAY", ErrorCategory.Indeterminate,
        "A proxy lost the server behind it while your request may have been inside. Look its effect up before sending again.");

    private static readonly ErrorDefinition s_unavailable = Doubt("HTTP_503_EXECUTION_UNKNOWN", ErrorCategory.Indeterminate,
        "A 503 without one of the documented texts is no verdict: the request may have been accepted. Look it up before sending again.");

    private static readonly ErrorDefinition s_gatewayTimeout = Doubt("HTTP_504_GATEWAY_TIMEOUT", ErrorCategory.Indeterminate,
        "A proxy gave up waiting while the exchange may have gone on. Look the request's effect up before sending again.");

    private static readonly ErrorDefinition s_noVerdict = Doubt("HTTP_5XX_NO_VERDICT", ErrorCategory.Indeterminate,
        "The exchange failed inside and does not say what became of the request. Look its effect up before sending again.");

    /// <summary>What a status of 400 or more means by itself.</summary>
    public static ErrorDefinition OfStatus(int status) => status switch
    {
        401 => s_unauthorized,
        403 => s_firewall,
        404 => s_noSuchPath,
        407 => s_proxyCredentials,
        408 => s_backendTimeout,
        409 => s_conflict,
        418 => s_banned,
        429 => s_rateLimited,
        451 => s_restricted,
        >= 400 and < 500 => s_refused,
        502 => s_badGateway,
        503 => s_unavailable,
        504 => s_gatewayTimeout,
        _ => s_noVerdict,
    };

    /// <summary>The row of a code no table lists. It is made when met: such codes are rare, and policies may name them.</summary>
    public static ErrorDefinition Unlisted(int code, ExecutionStatus execution) => new(code, UnlistedCode, ErrorCategory.Unclassified, execution,
        "The code is not in this version's table; the message is all there is. Read it, and name the code in the policies if it is to be retried.");

    private static ErrorDefinition Certain(string name, ErrorCategory category, string advice) => new(0, name, category, ExecutionStatus.NotExecuted, advice);

    private static ErrorDefinition Doubt(string name, ErrorCategory category, string advice) => new(0, name, category, ExecutionStatus.Unknown, advice);
}
