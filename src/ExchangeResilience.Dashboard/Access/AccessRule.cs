using System.Net;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace ExchangeResilience.Dashboard;

/// <summary>
/// Who may see the page and act on it. With an authorization policy attached ASP.NET Core decides; without one only what shows every sign of coming straight from this machine is
/// let in: neither a proxy that leaves a trace nor a web page elsewhere that resolves its own name to this machine may borrow that.
/// </summary>
internal static class AccessRule
{
    /// <summary>What a browser sends across origins only after asking, which is never granted here.</summary>
    public const string ActionHeader = "X-Exchange-Dashboard";

    private static readonly string[] ForwardingHeaders = ["Via", "Forwarded", "X-Real-IP"];

    // The second is what the forwarded headers middleware leaves where it has taken the first.
    private static readonly string[] ForwardingFamilies = ["X-Forwarded-", "X-Original-"];

    public static RequestDelegate Guard(RequestDelegate next) => context => Refusal(context) is { } refusal ? RefuseAsync(context, refusal) : Protect(context, next);

    public static RequestDelegate GuardAction(RequestDelegate next) => context =>
        (Refusal(context) ?? ForeignOrigin(context.Request)) is { } refusal ? RefuseAsync(context, refusal) : Protect(context, next);

    private static Task Protect(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        return next(context);
    }

    private static string? Refusal(HttpContext context)
    {
        if (RequiresAuthorization(context.GetEndpoint()))
        {
            return null;
        }

        const string remedy = "Attach a policy: app.MapExchangeResilience(...).RequireAuthorization(...).";
        if (!IsFromThisMachine(context))
        {
            return $"Without an authorization policy the exchange dashboard answers requests from its own machine only. {remedy}";
        }

        if (IsForwarded(context.Request))
        {
            return $"A proxy has forwarded this request, and without an authorization policy the exchange dashboard answers requests from its own machine only. {remedy}";
        }

        return IsThisMachine(context.Request.Host.Host)
            ? null
            : $"Without an authorization policy the exchange dashboard answers to localhost and loopback addresses only, not to other names of its machine. {remedy}";
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

    private static bool IsThisMachine(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.AsSpan().Trim("[]"), out var address) && IPAddress.IsLoopback(address));

    private static string? ForeignOrigin(HttpRequest request)
    {
        var headers = request.Headers;
        if (!headers.ContainsKey(ActionHeader))
        {
            return $"Actions carry the header {ActionHeader}, which a page of another origin cannot send.";
        }

        if (headers.TryGetValue("Sec-Fetch-Site", out var site) && site != "same-origin")
        {
            return "Actions are taken from the dashboard's own page only.";
        }

        return headers.Origin is not { Count: > 0 } origin
            || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase))
            ? null
            : "Actions are taken from the dashboard's own page only.";
    }

    private static Task RefuseAsync(HttpContext context, string refusal)
    {
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(refusal, context.RequestAborted);
    }
}
