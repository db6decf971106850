namespace ExchangeResilience;

/// <summary>One row of the effective policy matrix, every column filled in.</summary>
internal sealed record PolicyRow
{
    /// <summary>The most specific selector that had a say.</summary>
    public required string Selector { get; init; }

    public required RecoveryAction Action { get; init; }

    /// <summary>Sends in all, the first included.</summary>
    public required int MaxAttempts { get; init; }

    public required TimeSpan BaseDelay { get; init; }

    public required TimeSpan MaxDelay { get; init; }

    public required TrafficLane Lane { get; init; }

    /// <summary><see cref="ExecutionStatus.Unknown"/> where the row makes the error's own status unknown; null where that status applies.</summary>
    public required ExecutionStatus? Execution { get; init; }

    /// <summary>Whether the user's settings made the row.</summary>
    public required bool IsOverridden { get; init; }
}
