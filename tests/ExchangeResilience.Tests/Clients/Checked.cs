using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ExchangeResilience.Tests.Clients;

/// <summary>What the health check of a program says.</summary>
internal static class Checked
{
    public static async Task<HealthCheckResult> ByAsync(IExchangeMonitor monitor)
    {
        var services = new ServiceCollection().AddLogging().AddSingleton(monitor);
        services.AddHealthChecks().AddExchangeResilience();
        await using var provider = services.BuildServiceProvider();
        var entry = (await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["exchange"];
        return new HealthCheckResult(entry.Status, entry.Description, entry.Exception, entry.Data);
    }
}
