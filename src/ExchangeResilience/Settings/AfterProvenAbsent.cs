namespace ExchangeResilience;

/// <summary>What happens to a place or amend that evidence proves absent.</summary>
public enum AfterProvenAbsent
{
    /// <summary>The caller gets <see cref="ExecutionStatus.NotExecuted"/>.</summary>
    Report = 0,

    /// <summary>It is sent again, as long as <see cref="ExchangeErrorHandlingOptions.SendBefore"/> allows, which must be longer than the proof takes: recvWindow and settle margin.</summary>
    Resend,
}
