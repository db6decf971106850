namespace ExchangeResilience;

/// <summary>A row of the policy matrix as configuration gives it; what is null keeps the value of the less specific row.</summary>
public sealed class ErrorPolicy
{
    /// <summary>What happens next.</summary>
    public RecoveryAction? Action { get; set; }

    /// <summary>How often the request may be sent in all, the first time included; 1 to 20.</summary>
    public int? MaxAttempts { get; set; }

    /// <summary>The first wait; later waits double, with jitter. The exchange's own word, where longer, wins.</summary>
    public TimeSpan? BaseDelay { get; set; }

    /// <summary>The longest wait between two attempts that this library chooses by itself.</summary>
    public TimeSpan? MaxDelay { get; set; }

    /// <summary>Which lane <see cref="RecoveryAction.BackOff"/> closes.</summary>
    public TrafficLane? Lane { get; set; }

    /// <summary>Darkens the error's execution status to <see cref="ExecutionStatus.Unknown"/>; it can never be lightened.</summary>
    public ExecutionStatus? Execution { get; set; }
}
