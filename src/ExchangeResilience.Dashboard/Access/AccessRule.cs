using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace ExchangeResilience.Dashboard;

/// <summary>
/// Who may see the page and act on it. With an authorization policy attached ASP.NET Core decides. Without one nobody may act, and in Development, or where the program has allowed it by
/// name, what shows every sign of coming straight from this machine may read: neither a proxy that leaves a trace nor a web page elsewhere that resolves its own name to this machine
/// may borrow that. Whatever the policy, no page of another origin may read or act.
/// </summary>
internal sealed class AccessRule(bool isDevelopment)
{
    /// <summary>What a browser sends across origins only after asking, which is never granted here.</summary>
    public const string ActionHeader = "X-Exchange-Dashboard";

    private const string Remedy = "Attach a policy: app.MapExchangeResilience(...).RequireAuthorization(...).";
    private const string Foreign = "The exchange dashboard answers its own page only: a page of another origin can neither read it nor hold its streams nor act, whatever the program allows others elsewhere.";

    private static readonly string[] ForwardingHeaders = ["Via", "Forwarded", "X-Real-IP"];

    // The second is what the forwarded headers middleware leaves where it has taken the first.
    private static readonly string[] ForwardingFamilies = ["X-Forwarded-", "X-Original-"];

    /// <summary>The page itself, to which a link may lead from anywhere.</summary>
    public RequestDelegate GuardPage(RequestDelegate next) => context => Answer(context, next, IsOwn(context.Request) || IsNavigation(context.Request) ? Refusal(context) : Foreign);

    /// <summary>What the page reads.</summary>
    public RequestDelegate GuardData(RequestDelegate next) => context => Answer(context, next, IsOwn(context.Request) ? Refusal(context) : Foreign);

    public static RequestDelegate GuardAction(RequestDelegate next) => context => Answer(context, next, RefusalToAct(context));

    /// <summary>Whether the endpoint's visitors may act, if its policy lets them in.</summary>
    public static bool MayAct(Endpoint? endpoint) => RequiresAuthorization(endpoint);

    /// <summary>Whether the program has said who may see this, so that it may start.</summary>
    public bool IsDecided(Endpoint endpoint) => isDevelopment || RequiresAuthorization(endpoint) || AllowsReading(endpoint);

    private static Task Answer(HttpContext context, RequestDelegate next, string? refusal)
    {
        if (refusal is not null)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            context.Response.ContentType = "text/plain; charset=utf-8";
            return context.Response.WriteAsync(refusal, context.RequestAborted);
        }

        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        return next(context);
    }

    private string? Refusal(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (RequiresAuthorization(endpoint))
        {
            return null;
        }

        if (!isDevelopment && !AllowsReading(endpoint))
        {
            return $"Outside Development the exchange dashboard is not shown without an authorization policy. {Remedy}";
        }

        if (!IsFromThisMachine(context))
        {
            return $"Without an authorization policy the exchange dashboard answers requests from its own machine only. {Remedy}";
        }

        if (IsForwarded(context.Request))
        {
            return $"A proxy has forwarded this request, and without an authorization policy the exchange dashboard answers requests from its own machine only. {Remedy}";
        }

        return IsThisMachine(context.Request.Host.Host)
            ? null
            : $"Without an authorization policy the exchange dashboard answers to localhost and loopback addresses only, not to other names of its machine. {Remedy}";
    }

    private static string? RefusalToAct(HttpContext context)
    {
        var headers = context.Request.Headers;
        return !RequiresAuthorization(context.GetEndpoint()) ? $"Without an authorization policy no request may act. {Remedy}"
            : !headers.ContainsKey(ActionHeader) ? $"Actions carry the header {ActionHeader}, which a page of another origin cannot send."
            : headers["Sec-Fetch-Site"] == "none" || !IsOwn(context.Request) ? Foreign
            : null;
    }

    /// <summary>The address of the connection counts as well as the one that ASP.NET Core shows: a middleware may have replaced that by what a header of the client claims.</summary>
    private static bool IsFromThisMachine(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } told && IPAddress.IsLoopback(told)
        && (context.Features.Get<IConnectionSocketFeature>() is not { } connection || (connection.Socket.RemoteEndPoint is IPEndPoint peer && IPAddress.IsLoopback(peer.Address)));

    /// <summary>A proxy names itself or its caller by a header, or speaks an older version than any browser does.</summary>
    private static bool IsForwarded(HttpRequest request) =>
        !(HttpProtocol.IsHttp11(request.Protocol) || HttpProtocol.IsHttp2(request.Protocol) || HttpProtocol.IsHttp3(request.Protocol))
        || Array.Exists(ForwardingHeaders, request.Headers.ContainsKey)
        || request.Headers.Keys.Any(static header => Array.Exists(ForwardingFamilies, family => header.StartsWith(family, StringComparison.OrdinalIgnoreCase)));

    private static bool RequiresAuthorization(Endpoint? endpoint) =>
        endpoint is not null
        && endpoint.Metadata.GetMetadata<IAllowAnonymous>() is null
        && (endpoint.Metadata.GetMetadata<IAuthorizeData>() is not null || endpoint.Metadata.GetMetadata<AuthorizationPolicy>() is not null);

    private static bool AllowsReading(Endpoint? endpoint) => endpoint?.Metadata.GetMetadata<AnonymousReading>() is not null;

    private static bool IsThisMachine(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var address) && IPAddress.IsLoopback(address));

    /// <summary>
    /// A browser tells by itself, and no page can change it, whose page has asked; <c>none</c> is a person. Where it does not, over plain HTTP, the origin must be the address that was
    /// asked for. What names neither is no browser, or has asked for no reading.
    /// </summary>
    private static bool IsOwn(HttpRequest request) =>
        request.Headers.TryGetValue("Sec-Fetch-Site", out var site) ? site == "same-origin" || site == "none"
        : request.Headers.Origin is not { Count: > 0 } origin
            || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));

    private static bool IsNavigation(HttpRequest request) => request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document";
}
