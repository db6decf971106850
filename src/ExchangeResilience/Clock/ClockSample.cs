namespace ExchangeResilience;

/// <summary>One question for the exchange's time: its answer in milliseconds since 1970, and the monotonic instants (<see cref="TimeProvider.GetTimestamp"/>) around it.</summary>
internal readonly record struct ClockSample(long ServerMs, long SentTimestamp, long ReceivedTimestamp);
