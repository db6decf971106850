namespace ExchangeResilience;

/// <summary>A row of the policy matrix as configuration gives it. What is null comes from the row that would apply without this one; an inherited delay yields to a given one.</summary>
public sealed class ErrorPolicy
{
    /// <summary>What happens next. <see cref="RecoveryAction.TreatAsSuccess"/> is only for <see cref="ErrorCategory.NoChangeNeeded"/>, <see cref="RecoveryAction.ResyncClock"/> only for <see cref="ErrorCategory.ClockSkew"/>.</summary>
    public RecoveryAction? Action { get; set; }

    /// <summary>How often the request may be sent in all, the first time included; 1 to 20.</summary>
    public int? MaxAttempts { get; set; }

    /// <summary>The first wait; later waits double, with jitter; 1 ms to 1 h. The exchange's own wait, where longer, wins.</summary>
    public TimeSpan? BaseDelay { get; set; }

    /// <summary>The longest wait between two attempts that this library chooses by itself; up to 24 h, at least <see cref="BaseDelay"/>.</summary>
    public TimeSpan? MaxDelay { get; set; }

    /// <summary>Which lane <see cref="RecoveryAction.BackOff"/> closes; it needs one.</summary>
    public TrafficLane? Lane { get; set; }

    /// <summary>Makes the outcome count as <see cref="ExecutionStatus.Unknown"/>, the only value that is accepted: nothing makes it more certain than the exchange's words do.</summary>
    public ExecutionStatus? Execution { get; set; }
}
