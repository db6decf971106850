using ExchangeResilience;
using ExchangeResilience.Dashboard;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the dashboard of the exchange middleware.</summary>
public static class ExchangeDashboardExtensions
{
    /// <summary>
    /// Maps one page that shows the state of all clients with exchange error handling as it changes, and the few actions that are safe to take on it. Without an authorization
    /// policy it answers requests from this machine only. A proxy on this machine that adds no header looks like one of them; <c>app.MapExchangeResilience("/exchange").RequireAuthorization("on-call")</c> opens it to others.
    /// </summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">Where the page stands. Defaults to <c>/exchange</c>.</param>
    /// <returns>The page and everything under it, to require authorization of.</returns>
    /// <exception cref="InvalidOperationException">No client has exchange error handling.</exception>
    public static IEndpointConventionBuilder MapExchangeResilience(this IEndpointRouteBuilder endpoints, string pattern = "/exchange")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentException.ThrowIfNullOrWhiteSpace(pattern);
        var services = endpoints.ServiceProvider;
        var status = services.GetService<ExchangeStatus>()
            ?? throw new InvalidOperationException("No client has exchange error handling. Call AddExchangeErrorHandling() on an AddHttpClient(...) before MapExchangeResilience().");
        var stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        var reader = new StateReader(status, new OrderNews(status));
        var stream = new EventStream(status, reader, new StateHistory(status, stopping), stopping);
        var actions = new DashboardActions(status, services.GetRequiredService<HostLoggers>().CreateLogger("ExchangeResilience.Dashboard"));

        var group = endpoints.MapGroup(pattern);
        group.MapGet("", AccessRule.Guard(DashboardPage.ServeAsync));
        group.MapGet("/events", AccessRule.Guard(stream.ServeAsync));
        group.MapGet("/state", AccessRule.Guard(reader.ServeAsync));
        group.MapPost("/actions/{action}", AccessRule.GuardAction(actions.ServeAsync));
        return group;
    }
}
