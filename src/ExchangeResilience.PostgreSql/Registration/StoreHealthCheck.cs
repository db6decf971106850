using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ExchangeResilience.PostgreSql;

/// <summary>Whether the shared store can be reached. Without it the program is degraded: queries go on, orders are refused.</summary>
internal sealed class StoreHealthCheck(PostgreSqlJournal journal) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var fleet = journal.Fleet;
        return Task.FromResult(fleet.StoreFault is { } fault
            ? HealthCheckResult.Degraded(FormattableString.Invariant($"{fault} Queries go on, orders are refused, since {fleet.StoreFaultSince:u}."))
            : HealthCheckResult.Healthy(FormattableString.Invariant($"The shared store works; {fleet.Members.Count} members.")));
    }
}
