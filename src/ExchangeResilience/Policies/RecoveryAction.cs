namespace ExchangeResilience;

/// <summary>What a policy row does. Rows act on queries and on known outcomes; an unknown mutation is always reconciled.</summary>
public enum RecoveryAction
{
    /// <summary>Hand the error to the caller at once.</summary>
    FailFast = 0,

    /// <summary>Close the row's lane for every client that shares it, wait, and send again.</summary>
    BackOff,

    /// <summary>Wait and send again; only this call is delayed.</summary>
    Retry,

    /// <summary>Measure the exchange's clock, stamp and sign afresh, send again.</summary>
    ResyncClock,

    /// <summary>Ask the exchange what happened before anything else.</summary>
    Reconcile,

    /// <summary>Treat the reply as a success. Allowed only for codes that say the wanted state already holds.</summary>
    TreatAsSuccess,
}
