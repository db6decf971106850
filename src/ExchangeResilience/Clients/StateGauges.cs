using System.Diagnostics.Metrics;

namespace ExchangeResilience;

/// <summary>The current state, for metrics: holds, limits, clocks, orders in doubt, and what keeps orders from leaving. Nothing is counted for it; it is read when a listener collects.</summary>
internal sealed class StateGauges
{
    private static readonly LaneState[] LaneStates = Enum.GetValues<LaneState>();
    private static readonly InDoubtState[] InDoubtStates = Enum.GetValues<InDoubtState>();
    private static readonly OperationKind[] Claimable = [OperationKind.Place, OperationKind.Amend];

    private readonly TimeProvider _time;
    private readonly GateRegistry _traffic;
    private readonly ExchangeClocks _clocks;
    private readonly ClaimTable _claims;
    private readonly TradingHalt _halt;
    private readonly HostSilences _silences;
    private readonly ExchangeClients _clients;

    public StateGauges(ExchangeServices services, ExchangeClients clients)
    {
        _time = services.Time;
        _traffic = services.Traffic;
        _clocks = services.Clocks;
        _claims = services.Claims;
        _halt = services.Halt;
        _silences = services.Silences;
        _clients = clients;
        var meter = services.Metrics.Meter;
        meter.CreateObservableUpDownCounter<int>("exchange.lane.count", ReadStates, "{lane}", "Lanes by state: 1 under the state a lane is in, 0 under the others.");
        meter.CreateObservableGauge<double>("exchange.lane.hold.remaining", ReadHolds, "s", "How long a lane is still held; 0 where it is not.");
        meter.CreateObservableUpDownCounter<int>("exchange.lane.waiters", ReadWaiters, "{request}", "Requests that wait before a lane.");
        meter.CreateObservableGauge<int>("exchange.weight.usage", () => ReadUsage(TrafficLane.Ip), "{weight}", "Request weight used in the current window.");
        meter.CreateObservableGauge<int>("exchange.weight.limit", () => ReadLimits(TrafficLane.Ip), "{weight}", "Request weight allowed in a window.");
        meter.CreateObservableGauge<int>("exchange.orders.usage", () => ReadUsage(TrafficLane.Orders), "{order}", "Orders counted in the current window.");
        meter.CreateObservableGauge<int>("exchange.orders.limit", () => ReadLimits(TrafficLane.Orders), "{order}", "Orders allowed in a window.");
        meter.CreateObservableGauge<double>("exchange.clock.offset", ReadOffsets, "s", "The exchange's clock minus this machine's.");
        meter.CreateObservableGauge<double>("exchange.clock.uncertainty", ReadUncertainties, "s", "How far the measured clock may be off, either way.");
        meter.CreateObservableCounter<long>("exchange.clock.resyncs", ReadResyncs, "{resync}", "Measurements of the exchange's clock that were taken over.");
        meter.CreateObservableUpDownCounter<int>("exchange.orders.in_doubt", ReadInDoubt, "{order}", "Orders in doubt, by the state of the search for them.");
        meter.CreateObservableGauge<int>("exchange.orders.stopped", () => One(_halt.Current is not null), "{stop}", "1 while new orders are stopped by a person, else 0.");
        meter.CreateObservableGauge<int>("exchange.host.silent", ReadSilences, "{host}", "1 while a host gives no reply, else 0.");
        meter.CreateObservableGauge<int>("exchange.signing.failing", () => ReadClients(static client => client.Signed.AreFailing), "{client}", "1 from a request of a client that fails for its key, signature or signer until a signed one succeeds, else 0.");
        meter.CreateObservableGauge<int>("exchange.settings.refused", () => ReadClients(static client => client.LastReload is { Accepted: false }), "{client}", "1 while changed settings or keys of a client are refused, else 0.");
    }

    private static int One(bool isSo) => isSo ? 1 : 0;

    private static KeyValuePair<string, object?> Tag(string name, object value) => new(name, value);

    private static KeyValuePair<string, object?>[] TagsOf(LaneSnapshot lane) =>
        [Tag(TagNames.Environment, lane.Environment), Tag(TagNames.Lane, lane.Lane.ToString()), Tag(TagNames.Scope, lane.Scope)];

    private static KeyValuePair<string, object?>[] TagsOf(LaneSnapshot lane, UsageSnapshot window) =>
        [Tag(TagNames.Environment, lane.Environment), Tag(TagNames.Scope, lane.Scope), Tag(TagNames.Interval, DurationText.Format(window.Interval))];

    private IEnumerable<Measurement<int>> ReadStates() =>
        from lane in _traffic.Snapshot()
        from state in LaneStates
        select new Measurement<int>(One(lane.State == state), [.. TagsOf(lane), Tag(TagNames.LaneState, state.ToString())]);

    private IEnumerable<Measurement<double>> ReadHolds()
    {
        var now = _time.GetUtcNow();
        return from lane in _traffic.Snapshot()
               let left = lane.HeldUntil - now
               select new Measurement<double>(left > TimeSpan.Zero ? left.Value.TotalSeconds : 0, TagsOf(lane));
    }

    private IEnumerable<Measurement<int>> ReadWaiters() => from lane in _traffic.Snapshot() select new Measurement<int>(lane.Waiters, TagsOf(lane));

    private IEnumerable<Measurement<int>> ReadUsage(TrafficLane kind) =>
        from lane in _traffic.Snapshot()
        where lane.Lane == kind
        from window in lane.Usage
        select new Measurement<int>(window.Used, TagsOf(lane, window));

    private IEnumerable<Measurement<int>> ReadLimits(TrafficLane kind) =>
        from lane in _traffic.Snapshot()
        where lane.Lane == kind
        from window in lane.Usage
        where window.Limit is not null
        select new Measurement<int>(window.Limit.GetValueOrDefault(), TagsOf(lane, window));

    private IEnumerable<Measurement<double>> ReadOffsets() => ReadClocks(static clock => clock.Offset.TotalSeconds);

    private IEnumerable<Measurement<double>> ReadUncertainties() => ReadClocks(static clock => clock.Uncertainty.TotalSeconds);

    private IEnumerable<Measurement<long>> ReadResyncs() => ReadClocks(static clock => (long)clock.Generation);

    private IEnumerable<Measurement<T>> ReadClocks<T>(Func<ExchangeClock, T> read)
        where T : struct =>
        from clock in _clocks.All
        where clock.IsSynchronised
        select new Measurement<T>(read(clock), Tag(TagNames.Environment, clock.Environment));

    private IEnumerable<Measurement<int>> ReadSilences() => from host in _silences.All select new Measurement<int>(One(host.Current is not null), Tag(TagNames.Scope, host.Host));

    private IEnumerable<Measurement<int>> ReadClients(Func<ExchangeClient, bool> read) => from client in _clients.InUse select new Measurement<int>(One(read(client)), Tag(TagNames.Client, client.Name));

    // The zeroes too: a line that ends looks like a program that has died.
    private IEnumerable<Measurement<int>> ReadInDoubt()
    {
        var counts = _claims.InDoubt.CountBy(static claim => (claim.Key.Kind, claim.Search)).ToDictionary();
        return from kind in Claimable
               from state in InDoubtStates
               select new Measurement<int>(
                   counts.GetValueOrDefault((kind, state)), Tag(TagNames.Operation, kind.ToString()), Tag(TagNames.InDoubtState, state.ToString()));
    }
}
