namespace ExchangeResilience;

/// <summary>One query of the exchange's time: its reply in milliseconds since 1970, and the monotonic instants (<see cref="TimeProvider.GetTimestamp"/>) around it.</summary>
internal readonly record struct ClockSample(long ServerMs, long SentTimestamp, long ReceivedTimestamp);
