namespace ExchangeResilience;

/// <summary>A lane that was closed is open again.</summary>
/// <param name="Lane">Which kind.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Scope">Whose lane it is.</param>
/// <param name="Closed">From the first refusal to the end of the last hold. How long it then took to reopen depends on who asked.</param>
/// <param name="Waited">How many requests it made wait.</param>
/// <param name="Refused">How many it turned away at once.</param>
internal readonly record struct LaneOpening(TrafficLane Lane, string Environment, string Scope, TimeSpan Closed, int Waited, int Refused);
