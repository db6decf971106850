namespace ExchangeResilience;

/// <summary>
/// Whose traffic it is. Address holds and request weight are shared by (environment, egress), order holds and counts by
/// (environment, account), overload holds by (environment, host).
/// </summary>
internal readonly record struct TrafficScope(string Environment, string Egress, string Host, string Account);
