namespace ExchangeResilience;

/// <summary>The current state of one lane: what every client of an address, account or host waits in.</summary>
public sealed record LaneSnapshot
{
    /// <summary>Which kind.</summary>
    public required TrafficLane Lane { get; init; }

    /// <summary>The environment, as in the settings' <c>Environment</c>.</summary>
    public required string Environment { get; init; }

    /// <summary>What the lane belongs to: the egress of an <see cref="TrafficLane.Ip"/> lane, the account of an <see cref="TrafficLane.Orders"/> lane, the host of a <see cref="TrafficLane.Host"/> lane.</summary>
    public required string Scope { get; init; }

    /// <summary>How far it is open.</summary>
    public LaneState State { get; init; }

    /// <summary>The hold's end by the local wall clock; null unless <see cref="LaneState.Held"/>.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>
    /// Until when the exchange has banned the address, by the exchange's clock: nothing leaves meanwhile, cancels neither. The same as <see cref="HeldUntil"/> where the exchange named no instant;
    /// null where the lane is not held, or held by something else than a ban. Of a hold that an earlier run or another process has kept it is not known, and null.
    /// </summary>
    public DateTimeOffset? BannedUntil { get; init; }

    /// <summary>The code that last closed it; 0 where that had none, null where it never was closed.</summary>
    public int? Code { get; init; }

    /// <summary>How many requests wait before it.</summary>
    public int Waiters { get; init; }

    /// <summary>The exchange's counters: request weight of an <see cref="TrafficLane.Ip"/> lane, orders of an <see cref="TrafficLane.Orders"/> lane; else none.</summary>
    public IReadOnlyList<UsageSnapshot> Usage { get; init; } = [];
}
