namespace ExchangeResilience;

/// <summary>
/// A hold as the journal keeps it. After a restart its end by the machine's uptime counts, which no setting of a clock moves. After a reboot, or where that was not kept, the later of the
/// other two does, by clocks that may have been set meanwhile.
/// </summary>
/// <param name="Environment">Whose exchange.</param>
/// <param name="Lane">The lane that is closed.</param>
/// <param name="Scope">Whose lane: the egress, account or host.</param>
/// <param name="Code">The code that closed it; the HTTP status where the exchange gave none, and 0 where no reply came.</param>
/// <param name="UntilExchangeMs">Its end, in milliseconds since 1970 on the exchange's clock.</param>
/// <param name="Until">Its end by the local wall clock.</param>
public sealed record JournalHold(string Environment, TrafficLane Lane, string Scope, int Code, long UntilExchangeMs, DateTimeOffset Until)
{
    /// <summary>Its end by the machine's uptime; null where that was not kept.</summary>
    public TimeSpan? UntilUptime { get; init; }

    /// <summary>The boot that the uptime counts from; null where the system does not name it.</summary>
    public string? Boot { get; init; }
}
