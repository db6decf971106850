using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;

namespace ExchangeResilience.Dashboard;

/// <summary>A program that has not said who may see its dashboard does not start.</summary>
internal static class StartupRule
{
    /// <summary>
    /// Looks once, when the pipeline is built: by then all that is attached to the endpoints stands. A dashboard that is mapped into a group has no pipeline to look from; every request
    /// for it is refused all the same.
    /// </summary>
    public static void Add(IEndpointRouteBuilder endpoints, EndpointDataSource dashboard, AccessRule rule, string pattern)
    {
        if (endpoints is IApplicationBuilder app)
        {
            app.Use(next => dashboard.Endpoints.All(rule.IsDecided) ? next : throw new InvalidOperationException(Refusal(pattern)));
        }
    }

    private static string Refusal(string pattern) =>
        $"""
        The exchange dashboard at {pattern} has no authorization policy, and outside Development the program does not start without one, since a proxy on the same machine makes every request look local.
        Attach a policy: app.MapExchangeResilience("{pattern}").RequireAuthorization("on-call").
        Or, if every request from this machine may read it, those that a proxy passes on included: app.MapExchangeResilience("{pattern}").AllowAnonymousReadingOnLoopback(). No request can act then.
        """;
}
