namespace ExchangeResilience;

/// <summary>A sample that cannot be the exchange's time, or that came too late to be it.</summary>
internal sealed class ClockSampleRefusedException(string message, Exception? inner = null) : Exception(message, inner);
