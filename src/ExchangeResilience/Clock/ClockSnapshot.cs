namespace ExchangeResilience;

/// <summary>The exchange's clock in one environment, as measured.</summary>
public sealed record ClockSnapshot
{
    /// <summary>The environment, as in the settings' <c>Environment</c>.</summary>
    public required string Environment { get; init; }

    /// <summary>Whether it was ever measured. Before that, requests are stamped by the local wall clock.</summary>
    public bool IsSynchronised { get; init; }

    /// <summary>The exchange's time minus the local wall clock.</summary>
    public TimeSpan Offset { get; init; }

    /// <summary>How far <see cref="Offset"/> may be off, either way.</summary>
    public TimeSpan Uncertainty { get; init; }

    /// <summary>How many measurements were accepted.</summary>
    public int Measurements { get; init; }

    /// <summary>The exchange's time of the last one; null before the first.</summary>
    public DateTimeOffset? MeasuredAt { get; init; }

    /// <summary>Whether the last try to measure it failed. What was measured before that stays in use.</summary>
    public bool HasFailed { get; init; }
}
