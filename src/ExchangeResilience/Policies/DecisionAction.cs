namespace ExchangeResilience;

/// <summary>What happens next.</summary>
internal enum DecisionAction
{
    /// <summary>Hand the error to the caller.</summary>
    Return,

    /// <summary>Hand the reply to the caller as a success: the wanted state holds.</summary>
    ReturnAsSuccess,

    /// <summary>Throw: there is no reply to hand over, or the outcome is unknown.</summary>
    Throw,

    /// <summary>Wait and send again.</summary>
    Retry,

    /// <summary>Measure the clock, then send again with a fresh stamp and signature.</summary>
    Resync,

    /// <summary>Find out what happened before anything else.</summary>
    Reconcile,

    /// <summary>Look for the effect of what adds to a value in the exchange's history.</summary>
    ConsultHistory,

    /// <summary>Look up the order that a cancel named.</summary>
    ConfirmCancel,

    /// <summary>Wait for the verdict on the order a cancel names, then cancel it if it is there.</summary>
    AwaitPlace,
}
