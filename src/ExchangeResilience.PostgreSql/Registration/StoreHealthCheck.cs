using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ExchangeResilience.PostgreSql;

/// <summary>Whether the shared store can be reached. Without it the program is degraded: queries go on, orders are refused.</summary>
internal sealed class StoreHealthCheck(PostgreSqlJournal journal) : IHealthCheck
{
    /// <summary>In the data of a result: what was left of this process's lease when the store last answered, in seconds.</summary>
    public const string LeaseLeft = "lease_left_seconds";

    /// <summary>In the data of a result: how many processes are known.</summary>
    public const string Members = "members";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var fleet = journal.Fleet;
        var data = new Dictionary<string, object>(StringComparer.Ordinal) { [Members] = fleet.Members.Count };
        if (fleet.Members.FirstOrDefault(member => string.Equals(member.Id, fleet.Member, StringComparison.Ordinal)) is { } self)
        {
            data[LeaseLeft] = self.LeaseLeft.TotalSeconds;
        }

        return Task.FromResult(fleet.StoreFault is { } fault
            ? HealthCheckResult.Degraded(FormattableString.Invariant($"{fault} Queries go on, orders are refused, since {fleet.StoreFaultSince:u}."), exception: null, data)
            : HealthCheckResult.Healthy(FormattableString.Invariant($"The shared store works; {fleet.Members.Count} members."), data));
    }
}
