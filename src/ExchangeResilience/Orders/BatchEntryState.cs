namespace ExchangeResilience;

/// <summary>How far an item of a batch has come.</summary>
internal enum BatchEntryState
{
    /// <summary>It is to be sent.</summary>
    Ready,

    /// <summary>It may have taken effect, and is being looked up.</summary>
    InDoubt,

    /// <summary>What the exchange said of it calls for something before it is known.</summary>
    Pending,

    /// <summary>The same order was in flight already: its verdict is this item's.</summary>
    Joined,

    /// <summary>The same order was in flight, and the call that was to send it has given up before it did.</summary>
    Abandoned,

    /// <summary>Its outcome is known.</summary>
    Known,

    /// <summary>Time was up before anything was known.</summary>
    Unknown,
}
