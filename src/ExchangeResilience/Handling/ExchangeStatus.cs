namespace ExchangeResilience;

/// <summary>The settings of one client, for people to read.</summary>
internal sealed record ClientStatus(string Name, string Account, int Version, HandlingMode Mode, SettingsReload? LastReload, IReadOnlyList<PolicyRow> Rows);

/// <summary>One environment's clock.</summary>
/// <param name="Environment">Whose clock.</param>
/// <param name="IsSynchronised">Whether it was ever measured.</param>
/// <param name="Offset">The exchange's time minus the local wall clock.</param>
/// <param name="Uncertainty">How far that may be off.</param>
/// <param name="Measurements">How many were accepted.</param>
/// <param name="MeasuredAt">The exchange's time of the last one.</param>
internal sealed record ClockStatus(string Environment, bool IsSynchronised, TimeSpan Offset, TimeSpan Uncertainty, int Measurements, DateTimeOffset? MeasuredAt);

/// <summary>The state of the middleware as it stands, and the few things that a person may do about it. Reads what is there; nothing is kept up to date for it.</summary>
internal sealed class ExchangeStatus(ExchangeState state, ExchangeClients clients, IInDoubtOrders inDoubt)
{
    // A person waits for it.
    private static readonly TimeSpan MeasuringTime = TimeSpan.FromSeconds(10);

    public TimeProvider Time => state.Time;

    public IInDoubtOrders InDoubt => inDoubt;

    public TradingHalt Halt => state.Halt;

    public DecisionFeed Decisions => state.Decisions;

    /// <summary>The fleet this process belongs to; null where it shares nothing.</summary>
    public FleetStatus? Fleet => state.Journal.Shared?.Fleet;

    public IReadOnlyList<LaneSnapshot> Lanes() =>
        [.. state.Traffic.Snapshot().OrderBy(static lane => lane.Environment, StringComparer.Ordinal).ThenBy(static lane => lane.Lane).ThenBy(static lane => lane.Key, StringComparer.Ordinal)];

    public IReadOnlyList<ClockStatus> Clocks() =>
    [
        .. state.Clocks.All.OrderBy(static clock => clock.Environment, StringComparer.Ordinal)
            .Select(static clock => new ClockStatus(clock.Environment, clock.IsSynchronised, clock.Offset, clock.Uncertainty, clock.Generation, clock.SynchronisedAt)),
    ];

    public IReadOnlyList<ClientStatus> Clients() =>
    [
        .. clients.Names.Select(name =>
        {
            var client = clients.For(name);
            var settings = client.Settings.Current;
            return new ClientStatus(name, client.Account, settings.Version, settings.Options.Mode, client.Settings.LastReload, settings.Matrix.Rows);
        }),
    ];

    /// <summary>Measures an environment's clock anew. False where that failed, or no client has sent anything there.</summary>
    public async Task<bool> ResyncAsync(string environment, CancellationToken cancellationToken)
    {
        foreach (var name in clients.Names)
        {
            if (clients.For(name).RouteIn(environment) is { } route)
            {
                return await route.Client.TrySynchroniseAsync(route, route.Clock.Generation, route.Settings.Options.Clock, MeasuringTime, cancellationToken).ConfigureAwait(false);
            }
        }

        return false;
    }

    /// <summary>Ends a hold early: one request finds out whether the exchange agrees. False where the lane is not held. A journal keeps the hold for the next start.</summary>
    public bool Release(string environment, TrafficLane lane, string key) => state.Traffic.Release(environment, lane, key);
}
