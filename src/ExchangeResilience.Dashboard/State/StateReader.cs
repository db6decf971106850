using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace ExchangeResilience.Dashboard;

/// <summary>Puts the middleware's state into the words the page shows.</summary>
internal sealed class StateReader(ExchangeStatus status, OrderNews news, string application)
{
    private static readonly string Place = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}:{Environment.ProcessId}");

    // A page is for people; more of either does not help and costs every open page.
    private const int MostOrders = 50;
    private const int MostTrailLines = 40;

    private const long Step = 100 * TimeSpan.TicksPerMillisecond;

    public Task ServeAsync(HttpContext context)
    {
        var whole = new WholeState(status.Time.GetUtcNow(), AccessRule.MayAct(context.GetEndpoint()), ReadLive(), ReadPolicies(), ReadDecisions(0));
        context.Response.ContentType = "application/json; charset=utf-8";
        return JsonSerializer.SerializeAsync(context.Response.Body, whole, DashboardJson.Default.WholeState, context.RequestAborted);
    }

    public LiveState ReadLive()
    {
        var inDoubt = status.InDoubt.List().OrderBy(static order => order.Since).Select(order => (Order: order, Detail: status.DetailOf(order))).ToList();
        var fleet = status.Fleet;
        var clients = status.Clients();
        return new LiveState
        {
            Process = $"{application} on {fleet?.Members.FirstOrDefault(member => string.Equals(member.Id, fleet.Member, StringComparison.Ordinal))?.Name ?? Place}",
            Environments = [.. clients.SelectMany(static client => client.Environments).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Accounts = [.. clients.Where(static client => client.CanAsk).Select(static client => client.Account).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            Unprotected = [.. clients.Select(Unprotected).OfType<UnprotectedView>()],
            RefusedReloads = [.. clients.Where(static client => client.LastReload is { Accepted: false }).Select(static client => new RefusedReloadView(client.Name, client.LastReload!.At))],
            Halt = status.Halt.Current is { } halt ? new HaltView(halt.By, halt.Reason, halt.Since, halt.Reason != HaltView.Unexplained) : null,
            JournalFault = status.JournalFault,
            SilentHosts = [.. status.SilentHosts.Select(static silent => new SilentHostView(silent.Host, silent.Since, silent.Failure))],
            SigningFailures = [.. status.SigningFailures.Select(static failing => new SigningFailureView(failing.ClientName, failing.Since, failing.Failure, failing.Advice))],
            Fleet = fleet is null ? null : View(fleet),
            Lanes = [.. status.Lanes().Select(lane => View(lane, fleet))],
            Clocks = [.. status.Clocks().Select(View)],
            InDoubt = [.. inDoubt.Take(MostOrders).Select(static known => View(known.Order, known.Detail))],
            InDoubtCount = inDoubt.Count,
            Exposure = Exposure.Of(inDoubt.Select(static known => (known.Order.Symbol, known.Detail.Terms))),
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
        lane.Lane.ToString(), lane.Environment, lane.Scope, lane.State.ToString(), lane.HeldUntil is { } until ? Steady(until) : null, lane.BannedUntil is { } banned ? Steady(banned) : null, lane.Code,
        lane.State == LaneState.Held ? fleet?.Holds.FirstOrDefault(hold => IsOf(hold.Hold, lane))?.ToldTo : null, lane.Waiters,
        [.. lane.Usage.Select(static window => new WindowView((int)window.Interval.TotalSeconds, window.Used, window.Limit))]);

    private static bool IsOf(JournalHold hold, LaneSnapshot lane) =>
        hold.Lane == lane.Lane
        && string.Equals(hold.Environment, lane.Environment, StringComparison.Ordinal)
        && string.Equals(hold.Scope, lane.Scope, StringComparison.Ordinal);

    // A deadline on the monotonic clock, shown on the wall clock, moves by fractions each time it is looked at.
    private static DateTimeOffset Steady(DateTimeOffset time) =>
        new((time.Ticks + (Step / 2)) / Step * Step, time.Offset);

    private static ClockView View(ClockSnapshot clock) => new(
        clock.Environment, clock.IsSynchronised, (long)Math.Round(clock.Offset.TotalMilliseconds),
        clock.IsSynchronised ? (long)Math.Ceiling(clock.Uncertainty.TotalMilliseconds) : null, clock.Measurements, clock.MeasuredAt, clock.HasFailed);

    private static InDoubtView View(InDoubtOrder order, DoubtStatus detail) => new(
        order.ClientName, order.Account, order.Symbol, order.ClientOrderId, order.Kind.ToString(), order.Since, order.State.ToString(), [.. order.Trail.TakeLast(MostTrailLines)])
    {
        Side = order.Side,
        Type = order.Type,
        Quantity = Text(order.Quantity),
        Price = Text(order.Price),
        StopPrice = Text(detail.Terms.StopPrice),
        IsReduceOnly = detail.Terms.ReduceOnly == true,
        NextQuestionAt = detail.NextQuestionAt is { } next ? Steady(next) : null,
        ProvableFrom = detail.ProvableFrom is { } from ? Steady(from) : null,
    };

    private static string? Text(decimal? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static UnprotectedView? Unprotected(ClientStatus client) =>
        client.Mode == HandlingMode.Observe ? new UnprotectedView(client.Name, "it only observes: nothing is repeated, followed up or stopped", Observes: true)
        : !client.CanAsk ? new UnprotectedView(client.Name, "it has no key: the exchange cannot be asked what became of its orders", Observes: false)
        : null;

    private static ClientView View(ClientStatus client) => new(
        client.Name, client.Account, client.Mode.ToString(), client.Version,
        client.LastReload is { } reload ? new ReloadView(reload.At, reload.Accepted, reload.Faults) : null,
        [.. client.Rows.Select(View)]);

    private static RowView View(PolicyRow row) => new(
        row.Selector, row.Action.ToString(), row.MaxAttempts, DurationText.Format(row.BaseDelay), DurationText.Format(row.MaxDelay),
        row.Lane.ToString(), row.Execution?.ToString() ?? "", row.IsOverridden);

    private static DecisionView View(DecisionRecord record) => new(
        record.Id, record.Number, record.At, record.Since, record.Count,
        record.Endpoint.IsListed ? record.Endpoint.ToString() : $"{record.Endpoint.Kind} on an unlisted path", record.ClientOrderId, record.Code, record.Error.Name,
        record.RefusedBy == RefusalReason.None ? Wording.Of(record.Error) : Wording.Of(record.RefusedBy), record.Error.Execution.ToString(), Wording.Of(record.Error.Execution), record.Said, record.Attempt);
}
