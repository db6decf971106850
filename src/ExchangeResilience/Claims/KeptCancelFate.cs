namespace ExchangeResilience;

/// <summary>The outcome of a cancel that named an order whose outcome was unknown.</summary>
public enum KeptCancelFate
{
    /// <summary>It is sent as soon as the order is known to be open.</summary>
    Kept = 0,

    /// <summary>The exchange has cancelled the order.</summary>
    Applied,

    /// <summary>There was nothing to cancel: the order did not take effect, or was no longer open.</summary>
    Needless,

    /// <summary>The exchange gave no answer within <see cref="ReconciliationOptions.VerdictRetention"/> of the order's verdict, so the order may still be open: look at it.</summary>
    Expired,
}
