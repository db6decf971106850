namespace ExchangeResilience;

/// <summary>The codes that mean more to this library than their rows say.</summary>
internal sealed record VenueCodes
{
    /// <summary>A query finds no such order. Of several kinds of not found the one that counts towards a proof of absence.</summary>
    public required int NoSuchOrder { get; init; }

    /// <summary>A cancel finds no such open order.</summary>
    public required int CancelRejected { get; init; }

    /// <summary>A failure that may be sent again: what an item of a batch without a reply of the exchange's own is given when it did not take effect.</summary>
    public required int Failed { get; init; }

    /// <summary>An outcome that is not known: what such an item is given while it is in doubt.</summary>
    public required int ExecutionUnknown { get; init; }
}
