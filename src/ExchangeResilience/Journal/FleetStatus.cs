namespace ExchangeResilience;

/// <summary>The fleet, as one process knows it.</summary>
/// <param name="Member">The process itself.</param>
/// <param name="StoreFault">Why the shared store cannot be reached; null while it can.</param>
/// <param name="StoreFaultSince">Since when, by the local wall clock.</param>
/// <param name="Members">The members that are alive, and those whose lease has expired while they still hold something.</param>
/// <param name="Holds">The holds in force, and the processes that the exchange asked to wait.</param>
internal sealed record FleetStatus(
    string Member, string? StoreFault, DateTimeOffset? StoreFaultSince, IReadOnlyList<FleetMember> Members, IReadOnlyList<FleetHold> Holds);
