namespace ExchangeResilience;

/// <summary>What a step of a recovery was.</summary>
public enum RecoveryStepKind
{
    /// <summary>An attempt ended in an error.</summary>
    Failed,

    /// <summary>A decision was taken.</summary>
    Decided,

    /// <summary>A hold or limit delayed the call.</summary>
    Waited,

    /// <summary>The clock was measured.</summary>
    ClockMeasured,

    /// <summary>Evidence settled the outcome, or failed to.</summary>
    Evidence,

    /// <summary>The call ended.</summary>
    Ended,
}
