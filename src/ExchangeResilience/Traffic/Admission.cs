namespace ExchangeResilience;

/// <summary>The gate's answer. A granted one is handed back to <see cref="Gate.Leave"/> exactly once.</summary>
internal readonly struct Admission
{
    public bool Granted { get; private init; }

    public TimeSpan Waited { get; private init; }

    /// <summary>Why it was refused; <see cref="RefusalReason.None"/> when granted.</summary>
    public RefusalReason Reason { get; private init; }

    /// <summary>When refused by a hold: the code that closed the lane, 0 where that had none; else null.</summary>
    public int? Code { get; private init; }

    /// <summary>When refused: from when on another try may succeed, by the local wall clock.</summary>
    public DateTimeOffset RetryAt { get; private init; }

    internal int Weight { get; private init; }
    internal int Orders10s { get; private init; }
    internal int Orders1m { get; private init; }

    /// <summary>The exchange's time at which its cost was counted.</summary>
    internal ExchangeInstant CountedAt { get; private init; }
    internal LaneTickets Tickets { get; private init; }

    /// <summary>Whether it finds out, for every client, if the address may send again.</summary>
    internal bool ProbesAddress => Tickets[0] != 0;

    internal static Admission Grant(in TrafficRequest request, ExchangeInstant countedAt, LaneTickets tickets, TimeSpan waited) => new()
    {
        Granted = true,
        Weight = request.Weight,
        Orders10s = request.Orders10s,
        Orders1m = request.Orders1m,
        CountedAt = countedAt,
        Tickets = tickets,
        Waited = waited,
    };

    internal static Admission Refuse(RefusalReason reason, int? code, DateTimeOffset retryAt, TimeSpan waited) =>
        new() { Reason = reason, Code = code, RetryAt = retryAt, Waited = waited };
}
