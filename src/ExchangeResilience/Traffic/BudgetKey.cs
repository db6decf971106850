namespace ExchangeResilience;

/// <summary>One of the exchange's counters.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="Lane">Ip: request weight. Orders: orders.</param>
/// <param name="Scope">The egress or the account that is counted.</param>
/// <param name="Interval">How long its windows are.</param>
internal readonly record struct BudgetKey(string Environment, TrafficLane Lane, string Scope, TimeSpan Interval);
