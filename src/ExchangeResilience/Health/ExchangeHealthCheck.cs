using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ExchangeResilience;

/// <summary>Says what keeps orders from leaving or from being known: holds, a host that gives no reply, a key that is refused, the clock, orders in doubt, the journal, the stop of new orders; and what a restart would stumble over, and an absence that turned out wrong.</summary>
internal sealed class ExchangeHealthCheck(IExchangeMonitor monitor) : IHealthCheck
{
    // An order whose reply is lost is in doubt for some seconds as a rule: that is recovery at work.
    private static readonly TimeSpan Ordinary = TimeSpan.FromMinutes(1);

    private const string Page = "What to do first: docs/on-call.md in the package ExchangeResilience.";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(context);
        var state = monitor.Read();
        var held = state.Lanes.Where(static lane => lane.State == LaneState.Held).ToList();
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["lanes_held"] = held.Count,
            ["hosts_silent"] = state.SilentHosts.Count,
            ["orders_in_doubt"] = state.OrdersInDoubt.Count,
            ["absences_contradicted"] = OneLine.Of(string.Join(", ", state.ContradictedAbsences.Select(static absence => $"{absence.Order.ClientName}/{absence.Order.ClientOrderId}"))),
            ["orders_stopped"] = state.Halt is not null,
        };
        foreach (var clock in state.Clocks.Where(static clock => clock.IsSynchronised))
        {
            data[$"clock_offset_seconds.{clock.Environment}"] = clock.Offset.TotalSeconds;
            data[$"clock_uncertainty_seconds.{clock.Environment}"] = clock.Uncertainty.TotalSeconds;
        }

        List<string> faults =
        [
            .. state.ContradictedAbsences.Select(static absence => string.Create(CultureInfo.InvariantCulture,
                $"{NameOf(absence.Order)} was reported as not executed and is {absence.OrderStatus} at the exchange, found at {absence.FoundAt:u}: a position may exist that the program does not count.")),
            .. state.Halt is { } halt ? [$"New orders are {halt.Words}."] : Array.Empty<string>(),
            .. state.JournalFault is { } fault ? [$"The order journal fails, so orders are refused: {fault}"] : Array.Empty<string>(),
            .. state.SilentHosts.Select(static silent => string.Create(CultureInfo.InvariantCulture, $"No reply from {silent.Host} since {silent.Since:u}: {silent.Failure}.")),
            .. state.SigningFailures.Select(static failing => string.Create(CultureInfo.InvariantCulture, $"No signed request of client '{failing.ClientName}' has succeeded since {failing.Since:u}: {failing.Failure}.")),
            .. held.Select(static lane => string.Create(CultureInfo.InvariantCulture, $"The {lane.Lane} lane of {lane.Environment}/{lane.Scope} is held until {lane.HeldUntil:u}, by {lane.Code}{new BanLabel(lane.BannedUntil)}.")),
            .. state.Clocks.Where(static clock => clock.HasFailed).Select(static clock => string.Create(CultureInfo.InvariantCulture,
                $"The clock of {clock.Environment} cannot be measured; requests are stamped by {(clock.MeasuredAt is { } at ? $"its last measurement, of {at:u}" : "this machine's")}.")),
            .. state.OrdersInDoubt.Where(order => order.State is not (InDoubtState.Searching or InDoubtState.HeldElsewhere) || state.TakenAt - order.Since > Ordinary)
                .Select(static order => string.Create(CultureInfo.InvariantCulture, $"{NameOf(order)} is in doubt since {order.Since:u}: {order.State}.")),
            .. state.RefusedReloads.Select(static refused => string.Create(CultureInfo.InvariantCulture,
                $"Changed settings or keys of client '{refused.ClientName}' have been refused since {refused.Since:u}, and the last good ones are in force; a restart reads the changed ones, and does not start with a fault. Event 1001 or 1005 names each.")),
        ];
        return Task.FromResult(faults.Count == 0
            ? HealthCheckResult.Healthy("Orders may leave, and none is in doubt for long.", data)
            : new HealthCheckResult(context.Registration.FailureStatus, OneLine.Of(string.Join(" ", [.. faults, Page])), exception: null, data));
    }

    private static string NameOf(InDoubtOrder order) =>
        string.Create(CultureInfo.InvariantCulture, $"{order.ClientOrderId} of {order.ClientName} ({order.Side} {order.Quantity} {order.Symbol})");
}
