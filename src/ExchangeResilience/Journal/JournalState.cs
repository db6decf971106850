namespace ExchangeResilience;

/// <summary>How far an entry of the journal has come.</summary>
public enum JournalState
{
    /// <summary>In flight or in doubt: it may have taken effect.</summary>
    Open = 0,

    /// <summary>It took effect.</summary>
    Executed,

    /// <summary>It did not.</summary>
    NotExecuted,

    /// <summary>No evidence can be had any more (credentials revoked, retention passed); an operator's decision may still settle it.</summary>
    Unresolved,
}
