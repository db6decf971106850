namespace ExchangeResilience;

/// <summary>The state of the middleware as it stands, and the few things that a person may do about it. Reads what is there; nothing is kept up to date for it.</summary>
internal sealed class ExchangeStatus(ExchangeServices services, ExchangeClients clients, IInDoubtOrders inDoubt, ContradictedAbsences contradicted) : IExchangeMonitor
{
    // An operator waits for it.
    private static readonly TimeSpan MeasuringTime = TimeSpan.FromSeconds(10);

    public TimeProvider Time => services.Time;

    public IInDoubtOrders InDoubt => inDoubt;

    public TradingHalt Halt => services.Halt;

    public DecisionFeed Decisions => services.Decisions;

    /// <summary>Why the order journal refuses orders; null where it does not, and where there is none.</summary>
    public string? JournalFault => services.Journal.Fault;

    public IReadOnlyList<SilentHost> SilentHosts => services.Silences.Read();

    public IReadOnlyList<SigningFailure> SigningFailures => [.. clients.InUse.Select(static client => client.Signed.Current).OfType<SigningFailure>()];

    /// <summary>The fleet this process belongs to; null where it shares nothing.</summary>
    public FleetStatus? Fleet => services.Journal.Shared?.Fleet;

    public ExchangeSnapshot Read() => new()
    {
        TakenAt = services.Time.GetUtcNow(),
        Lanes = Lanes(),
        SilentHosts = SilentHosts,
        SigningFailures = SigningFailures,
        RefusedReloads = [.. clients.InUse.Where(static client => client.LastReload is { Accepted: false }).Select(static client => new RefusedReload(client.Name, client.LastReload!.Since, client.LastReload.Faults))],
        Clocks = Clocks(),
        OrdersInDoubt = [.. inDoubt.List().OrderBy(static order => order.Since)],
        ContradictedAbsences = contradicted.Read(),
        Halt = services.Halt.Current,
        JournalFault = JournalFault,
    };

    public IReadOnlyList<LaneSnapshot> Lanes() =>
        [.. services.Traffic.Snapshot().OrderBy(static lane => lane.Environment, StringComparer.Ordinal).ThenBy(static lane => lane.Lane).ThenBy(static lane => lane.Scope, StringComparer.Ordinal)];

    public IReadOnlyList<ClockSnapshot> Clocks() => [.. services.Clocks.All.OrderBy(static clock => clock.Environment, StringComparer.Ordinal).Select(static clock => clock.Snapshot())];

    public IReadOnlyList<ClientStatus> Clients() =>
    [
        .. clients.Names.Select(name =>
        {
            var client = clients.For(name);
            var settings = client.Settings.Current;
            return new ClientStatus(name, client.Account, client.Environments, client.Credentials is not null, settings.Version, settings.Options.Mode, client.LastReload, settings.Matrix.Rows);
        }),
    ];

    /// <summary>Begins to count attempts, or goes on to.</summary>
    public AttemptPulse Watch() => services.Pulse ??= new AttemptPulse();

    /// <param name="order">One that <see cref="InDoubt"/> listed.</param>
    public DoubtStatus DetailOf(InDoubtOrder order) => order.Claim is not { } claim
        ? new DoubtStatus(default, null, null)
        : new DoubtStatus(claim.Operation.Terms, claim.NextQuestionMs is > 0 and var next ? DateTimeOffset.FromUnixTimeMilliseconds(next) : null, ProvableFrom(claim));

    /// <summary>Measures an environment's clock again. False where that failed, or no client has sent anything there.</summary>
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
    public bool Release(string environment, TrafficLane lane, string key) => services.Traffic.Release(environment, lane, key);

    private DateTimeOffset? ProvableFrom(Claim claim)
    {
        if (claim.DeadlineMs is not { } deadline || clients.Find(claim.Origin.ClientName) is not { } client)
        {
            return null;
        }

        // A stamp that nothing bounds closes its window at the end of time.
        var from = deadline - services.Clocks.Of(claim.Origin.Environment).Offset.TotalMilliseconds + client.Settings.Current.Options.Reconciliation.SettleMargin.TotalMilliseconds;
        return from < DateTimeOffset.MaxValue.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds((long)from) : null;
    }
}
