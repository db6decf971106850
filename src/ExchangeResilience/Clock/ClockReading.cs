namespace ExchangeResilience;

/// <summary>What the clock says at one instant, and the measurement it says it by.</summary>
internal readonly record struct ClockReading(long NowMs, long StampMs, int Generation);
