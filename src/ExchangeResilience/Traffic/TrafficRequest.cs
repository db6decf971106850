namespace ExchangeResilience;

/// <summary>What one request needs of the gate.</summary>
internal readonly record struct TrafficRequest(TrafficClass Class, int Weight, int Orders10s, int Orders1m, LimitSettings Limits)
{
    public bool IsFree => (Weight | Orders10s | Orders1m) == 0;
    public int? WeightLimit => Limits.PaceBeforeLimit ? Limits.WeightPerMinute : null;
    public int? Orders10sLimit => Limits.PaceBeforeLimit ? Limits.OrdersPer10Seconds : null;
    public int? Orders1mLimit => Limits.PaceBeforeLimit ? Limits.OrdersPerMinute : null;
}
