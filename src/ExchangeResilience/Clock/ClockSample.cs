namespace ExchangeResilience;

/// <summary>One question for the exchange's time: its answer in milliseconds since 1970, and the monotonic instants (<see cref="TimeProvider.GetTimestamp"/>) around it.</summary>
internal readonly record struct ClockSample(long ServerMs, long SentTimestamp, long ReceivedTimestamp);

/// <summary>What the clock says at one instant, and the measurement it says it by.</summary>
internal readonly record struct ClockReading(long NowMs, long StampMs, int Generation);

/// <summary>A sample that cannot be the exchange's time, or that came too late to tell it.</summary>
internal sealed class ClockSampleRefusedException(string message, Exception? inner = null) : Exception(message, inner);
