namespace ExchangeResilience.Browser.Tests;

/// <summary>The system's time with both clocks set forward, and its timers as they are.</summary>
internal sealed class SetForward : TimeProvider
{
    public TimeSpan By { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + By;

    public override long GetTimestamp() => System.GetTimestamp() + (long)(By.TotalSeconds * TimestampFrequency);
}
