namespace ExchangeResilience;

/// <summary>What a request does at the exchange, which decides what may be repeated.</summary>
public enum OperationKind
{
    /// <summary>A change at an endpoint the venue's table does not know. Never repeated; an unknown outcome is told.</summary>
    Unclassified = 0,

    /// <summary>Reads. Repeated freely.</summary>
    Query,

    /// <summary>Sets an absolute value (leverage, margin type, listenKey). Repeating it is harmless.</summary>
    Setting,

    /// <summary>Places an order. Reconciled by its client order id before anything is sent again.</summary>
    Place,

    /// <summary>Amends an order. Reconciled by its amendment history.</summary>
    Amend,

    /// <summary>Cancels an order named by id. Idempotent by its target.</summary>
    Cancel,

    /// <summary>Cancels all orders of a symbol. A late repeat would also cancel newer orders.</summary>
    CancelAll,

    /// <summary>Arms the dead man's switch. Never repeated: the next beat supersedes it.</summary>
    Heartbeat,

    /// <summary>Adds to a value (position margin). Never repeated.</summary>
    Additive,
}
