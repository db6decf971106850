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
    /// Maps one page that shows the state of all clients with exchange error handling as it changes, and the few actions that are safe to take on it. Outside Development the program
    /// starts only if an authorization policy is attached, as by <c>app.MapExchangeResilience("/exchange").RequireAuthorization("on-call")</c>, or
    /// <see cref="AllowAnonymousReadingOnLoopback"/> is called. In Development this machine may read without either. Actions always need a policy.
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
        var host = services.GetService<IHostEnvironment>();
        var rule = new AccessRule(host?.IsDevelopment() ?? false);
        var reader = new StateReader(status, new OrderNews(status), host?.ApplicationName ?? "");
        var stream = new EventStream(status, reader, new StateHistory(status, stopping), stopping);
        var actions = new DashboardActions(status, services.GetRequiredService<HostLoggers>().CreateLogger("ExchangeResilience.Dashboard"));

        var group = endpoints.MapGroup(pattern);
        StartupRule.Add(endpoints, endpoints.DataSources.Last(), rule, pattern);
        group.MapGet("", rule.GuardPage(DashboardPage.ServeAsync));
        group.MapGet("/events", rule.GuardData(stream.ServeAsync));
        group.MapGet("/state", rule.GuardData(reader.ServeAsync));
        group.MapGet("/decisions/{id:long}", rule.GuardData(new DecisionReader(status).ServeAsync));
        group.MapPost("/actions/{action}", AccessRule.GuardAction(actions.ServeAsync));
        return group;
    }

    /// <summary>
    /// Lets whoever sends requests from this machine to <c>localhost</c> or a loopback address read the page without an authorization policy, outside Development too. A proxy or tunnel on
    /// this machine that adds no header lends that to everybody whom it serves. Nobody can act.
    /// </summary>
    /// <param name="dashboard">What <see cref="MapExchangeResilience"/> has returned.</param>
    /// <returns>The same.</returns>
    public static IEndpointConventionBuilder AllowAnonymousReadingOnLoopback(this IEndpointConventionBuilder dashboard)
    {
        ArgumentNullException.ThrowIfNull(dashboard);
        return dashboard.WithMetadata(new AnonymousReading());
    }
}
