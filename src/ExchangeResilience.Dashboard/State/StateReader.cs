using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ExchangeResilience.Dashboard;

/// <summary>Puts the middleware's state into the words the page shows.</summary>
internal sealed class StateReader(ExchangeStatus status, OrderNews news)
{
    // A page is for people; more of either helps nobody and costs every open page.
    private const int MostOrders = 50;
    private const int MostTrailLines = 40;

    private const long Step = 100 * TimeSpan.TicksPerMillisecond;

    public Task ServeAsync(HttpContext context)
    {
        var whole = new WholeState(status.Time.GetUtcNow(), ReadLive(), ReadPolicies(), ReadDecisions(0));
        context.Response.ContentType = "application/json; charset=utf-8";
        return JsonSerializer.SerializeAsync(context.Response.Body, whole, DashboardJson.Default.WholeState, context.RequestAborted);
    }

    public LiveState ReadLive()
    {
        var inDoubt = status.InDoubt.List();
        var fleet = status.Fleet;
        return new LiveState
        {
            Halt = status.Halt.Current is { } halt ? new HaltView(halt.By, halt.Reason, halt.Since) : null,
            Fleet = fleet is null ? null : View(fleet),
            Lanes = [.. status.Lanes().Select(lane => View(lane, fleet))],
            Clocks = [.. status.Clocks().Select(View)],
            InDoubt = [.. inDoubt.OrderBy(static order => order.Since).Take(MostOrders).Select(View)],
            InDoubtCount = inDoubt.Count,
            Verdicts = news.Verdicts,
            Contradictions = news.Contradictions,
        };
    }

    public PolicyState ReadPolicies() => new([.. status.Clients().Select(View)]);

    public IReadOnlyList<DecisionView> ReadDecisions(long after) => [.. status.Decisions.After(after).Select(View)];

    private static FleetView View(FleetStatus fleet) => new(
        fleet.StoreFault,
        fleet.StoreFaultSince,
        [
            .. fleet.Members
                .Select(member => new MemberView(
                    member.Id, member.Name, string.Equals(member.Id, fleet.Member, StringComparison.Ordinal), (long)member.Uptime.TotalSeconds, Math.Max(0, (int)Math.Ceiling(member.LeaseLeft.TotalSeconds)), member.Unfinished))
                .OrderByDescending(static member => member.IsThis)
                .ThenBy(static member => member.Name, StringComparer.Ordinal),
        ]);

    private static LaneView View(LaneSnapshot lane, FleetStatus? fleet) => new(
        lane.Lane.ToString(), lane.Environment, lane.Key, lane.State.ToString(), lane.Until is { } until ? Steady(until) : null, lane.Code,
        lane.State == LaneState.Held ? fleet?.Holds.FirstOrDefault(hold => IsOf(hold.Hold, lane))?.ToldTo : null, lane.Waiters,
        [.. lane.Windows.Select(static window => new WindowView((int)window.Interval.TotalSeconds, window.Used, window.Limit))]);

    private static bool IsOf(JournalHold hold, LaneSnapshot lane) =>
        hold.Lane == lane.Lane
        && string.Equals(hold.Environment, lane.Environment, StringComparison.Ordinal)
        && string.Equals(hold.Scope, lane.Key, StringComparison.Ordinal);

    // A deadline on the monotonic clock, shown on the wall clock, moves by fractions each time it is looked at.
    private static DateTimeOffset Steady(DateTimeOffset time) =>
        new((time.Ticks + (Step / 2)) / Step * Step, time.Offset);

    private static ClockView View(ClockStatus clock) => new(
        clock.Environment, clock.IsSynchronised, (long)Math.Round(clock.Offset.TotalMilliseconds),
        clock.IsSynchronised ? (long)Math.Ceiling(clock.Uncertainty.TotalMilliseconds) : null, clock.Measurements, clock.MeasuredAt);

    private static InDoubtView View(InDoubtOrder order) => new(
        order.ClientName, order.Account, order.Symbol, order.ClientOrderId, order.Kind.ToString(), order.Since, order.State.ToString(), [.. order.Trail.TakeLast(MostTrailLines)]);

    private static ClientView View(ClientStatus client) => new(
        client.Name, client.Account, client.Mode.ToString(), client.Version,
        client.LastReload is { } reload ? new ReloadView(reload.At, reload.Accepted, reload.Faults) : null,
        [.. client.Rows.Select(View)]);

    private static RowView View(PolicyRow row) => new(
        row.Selector, row.Action.ToString(), row.MaxAttempts, DurationText.Format(row.BaseDelay), DurationText.Format(row.MaxDelay),
        row.Lane.ToString(), row.Execution?.ToString() ?? "", row.IsOverridden);

    private static DecisionView View(DecisionRecord record) => new(
        record.Number, record.At, record.Endpoint.IsListed ? record.Endpoint.ToString() : $"{record.Endpoint.Kind} on an unlisted path", record.ClientOrderId, record.Code, record.ErrorName,
        record.Execution.ToString(), record.Decision.Action.ToString(), record.Decision.Reason.ToString(), (long)record.Decision.Delay.TotalMilliseconds, record.Attempt);
}
