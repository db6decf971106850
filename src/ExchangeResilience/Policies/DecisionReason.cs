namespace ExchangeResilience;

/// <summary>Why something happens next.</summary>
internal enum DecisionReason
{
    Observing,
    HeldBack,
    OutcomeUnknown,
    HistoryMayTell,
    NeverRepeated,
    SafeToRepeat,
    NewerOrderWouldBeCancelled,
    WantedStateHolds,
    OwnResendMayHaveBeenFirst,
    OrderIsNotOpen,
    PlaceStillInDoubt,
    PolicyFailsFast,
    PolicyTreatsAsSuccess,
    PolicyRetries,
    LaneClosed,
    ClockWrong,
    ClockNotOurs,
    ResyncsSpent,
    DocumentedAsFailed,
    AttemptsSpent,
    WaitDoesNotFit,
}
