namespace ExchangeResilience;

/// <summary>Errors of replies without a code of the venue's table: what the status, or the lack of proof, means.</summary>
internal static class ReplyErrors
{
    /// <summary>The name of every code that no table lists.</summary>
    public const string UnlistedCode = "UNLISTED_CODE";

    public static ErrorDefinition UnprovenReply { get; } = Doubt("UNPROVEN_REPLY", ErrorCategory.Indeterminate,
        "The reply is neither an error nor what this endpoint answers on success, so nothing is proved. Look the effect up before sending again.");

    public static ErrorDefinition ReplyOfAnotherOrder { get; } = Doubt("REPLY_OF_ANOTHER_ORDER", ErrorCategory.Indeterminate,
        "The reply is about another order than the one that was sent: a proxy misrouted it, or it belongs to an earlier request of the connection. It proves nothing about this order; look that up before sending it again.");

    public static ErrorDefinition ExecutionUnknown { get; } = Doubt("EXECUTION_UNKNOWN", ErrorCategory.Indeterminate,
        "The reply leaves open whether the request took effect. Look it up, by client order id or in the user data stream, before sending again.");

    public static ErrorDefinition UnderMaintenance { get; } = Doubt("UNDER_MAINTENANCE", ErrorCategory.Unavailable,
        "The exchange is under maintenance. Wait for its announcement; whether this request still went through must be looked up afterwards.");

    public static ErrorDefinition ServiceUnavailable { get; } = Certain("HTTP_503_SERVICE_UNAVAILABLE", ErrorCategory.Overloaded,
        "The exchange turned the request away as a certain failure and did not count it. Send again after 200, 400, 800 ms, at most five times.");

    public static ErrorDefinition Banned403 { get; } = Certain("HTTP_403_BANNED", ErrorCategory.RateLimited,
        "The firewall relays a ban of this address. Stop every client behind it until the instant the text names; requests meanwhile lengthen the ban.");

    public static ErrorDefinition Restricted403 { get; } = Certain("HTTP_403_RESTRICTED", ErrorCategory.Restricted,
        "The country or region this address belongs to is not served by this host. Neither waiting nor repeating helps: use the host meant for your region, or ask the exchange's support.");

    public static ErrorDefinition TooManyRequests { get; } = Certain("TOO_MANY_REQUESTS_WITHOUT_CODE", ErrorCategory.RateLimited,
        "The exchange reports too many requests, in a text without a code. Wait until RetryAt with every client of the address, then poll less or use streams.");

    private static readonly ErrorDefinition Unauthorized = Certain("HTTP_401_UNAUTHORIZED", ErrorCategory.Authentication,
        "The key was not accepted and no code says why. Check that the key exists, belongs to this environment and may use this endpoint.");

    private static readonly ErrorDefinition Firewall = Certain("HTTP_403_FIREWALL", ErrorCategory.Blocked,
        "The firewall in front of the exchange refused this request. Compare its path and parameters with the documentation: no double slash, no SQL-like words. If other requests are refused too, the address is blocked: send nothing for five minutes.");

    private static readonly ErrorDefinition NoSuchPath = Certain("HTTP_404_NO_SUCH_PATH", ErrorCategory.NotSupported,
        "This host has no such path or method. Check the base address, the API version and whether the endpoint exists on the test network.");

    private static readonly ErrorDefinition Proxy = Certain("HTTP_407_PROXY_CREDENTIALS", ErrorCategory.Unclassified,
        "A proxy in between requires credentials, so the request did not reach the exchange. Set them where the primary handler's proxy is set.");

    private static readonly ErrorDefinition Retired = Certain("HTTP_410_RETIRED", ErrorCategory.NotSupported,
        "The endpoint is retired, and no repeat brings it back. Look for its successor in the exchange's change log and use that.");

    private static readonly ErrorDefinition BackendTimeout = Doubt("HTTP_408_BACKEND_TIMEOUT", ErrorCategory.Indeterminate,
        "The exchange's front end got no answer from its matching engine, which may still execute. Look the order up before sending again.");

    private static readonly ErrorDefinition Conflict = Doubt("HTTP_409_PARTLY_DONE", ErrorCategory.Indeterminate,
        "One part of a combined request succeeded and another failed. Ask for both orders to learn which.");

    private static readonly ErrorDefinition Banned = Certain("HTTP_418_BANNED", ErrorCategory.RateLimited,
        "The address is banned, for two minutes up to three days. Every client behind it must stay silent until then; requests meanwhile lengthen the ban.");

    private static readonly ErrorDefinition RateLimited = Certain("HTTP_429_RATE_LIMITED", ErrorCategory.RateLimited,
        "The request weight of this minute is spent. Wait for the next minute with every client of the address, or it earns a ban.");

    private static readonly ErrorDefinition Restricted = Certain("HTTP_451_RESTRICTED", ErrorCategory.Restricted,
        "The exchange does not serve the region this address belongs to. No retry helps: read the permitted locations in its terms of use.");

    private static readonly ErrorDefinition Refused = Certain("HTTP_4XX_REFUSED", ErrorCategory.Unclassified,
        "The request was refused with a client-side status and no usable code. Compare it with the endpoint's documentation before repeating it.");

    private static readonly ErrorDefinition BadGateway = Doubt("HTTP_502_BAD_GATEWAY", ErrorCategory.Indeterminate,
        "A proxy lost the server behind it while your request may have been inside. Look its effect up before sending again.");

    private static readonly ErrorDefinition Unavailable = Doubt("HTTP_503_EXECUTION_UNKNOWN", ErrorCategory.Indeterminate,
        "A 503 without one of the documented texts is no verdict: the request may have been accepted. Look it up before sending again.");

    private static readonly ErrorDefinition GatewayTimeout = Doubt("HTTP_504_GATEWAY_TIMEOUT", ErrorCategory.Indeterminate,
        "A proxy gave up waiting while the exchange may have gone on. Look the request's effect up before sending again.");

    private static readonly ErrorDefinition NoVerdict = Doubt("HTTP_5XX_NO_VERDICT", ErrorCategory.Indeterminate,
        "The exchange failed internally and does not report the request's outcome. Look its effect up before sending again.");

    /// <summary>An order that was recorded and refused at once: its reply shows it, under an id and a success status.</summary>
    public static ErrorDefinition OrderRecordedAsRejected { get; } = Certain("ORDER_RECORDED_AS_REJECTED", ErrorCategory.OrderRejected,
        "The exchange recorded the order with the status REJECTED, so nothing of it is open or filled. Look for the reason in the symbol's filters and the account's state before placing another.");

    /// <summary>A 429 to an order, as long as its body has not said whether the address or the account's orders are meant: orders wait in either case.</summary>
    public static ErrorDefinition OrderRateLimited429 { get; } = Certain("HTTP_429_ORDER_RATE_LIMITED", ErrorCategory.OrderRateLimited,
        "The exchange has had too many requests, or too many orders. Wait until RetryAt before the next order.");

    /// <summary>What a status of 400 or more means by itself.</summary>
    public static ErrorDefinition OfStatus(int status) => status switch
    {
        401 => Unauthorized,
        403 => Firewall,
        404 => NoSuchPath,
        407 => Proxy,
        408 => BackendTimeout,
        409 => Conflict,
        410 => Retired,
        418 => Banned,
        429 => RateLimited,
        451 => Restricted,
        >= 400 and < 500 => Refused,
        502 => BadGateway,
        503 => Unavailable,
        504 => GatewayTimeout,
        _ => NoVerdict,
    };

    /// <summary>The row of a code no table lists. It is made when met: such codes are rare, and policies may name them. Of what kind it is, only a status can say that has one meaning.</summary>
    public static ErrorDefinition Unlisted(int code, ExecutionStatus execution, int status = 400) => new(code, UnlistedCode, status is 401 or 410 or 451 ? OfStatus(status).Category : ErrorCategory.Unclassified, execution,
        "The code is not in this version's table; the message is all there is. Read it, and name the code in the policies if it is to be retried.");

    private static ErrorDefinition Certain(string name, ErrorCategory category, string advice) => new(0, name, category, ExecutionStatus.NotExecuted, advice);

    private static ErrorDefinition Doubt(string name, ErrorCategory category, string advice) => new(0, name, category, ExecutionStatus.Unknown, advice);
}
