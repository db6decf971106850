namespace ExchangeResilience;

internal enum LaneState
{
    Open = 0,

    /// <summary>Nothing passes.</summary>
    Held,

    /// <summary>The hold is over; one request finds out whether the exchange agrees.</summary>
    Probing,

    /// <summary>The probe came back well; ever more requests pass at a time.</summary>
    Ramping,
}

/// <summary>One lane as it stands.</summary>
/// <param name="Lane">Which kind.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Key">The egress, account or host the lane belongs to.</param>
/// <param name="State">How far it is open.</param>
/// <param name="Until">The hold's end by the local wall clock; null unless held.</param>
/// <param name="Code">The code that last closed it; 0 where that had none, null where it never was closed.</param>
/// <param name="Waiters">How many requests stand before it.</param>
/// <param name="Windows">The exchange's counters.</param>
internal sealed record LaneSnapshot(
    TrafficLane Lane,
    string Environment,
    string Key,
    LaneState State,
    DateTimeOffset? Until,
    int? Code,
    int Waiters,
    IReadOnlyList<WindowSnapshot> Windows);

/// <summary>One counter in its current window.</summary>
internal readonly record struct WindowSnapshot(TimeSpan Interval, int Used, int? Limit);
