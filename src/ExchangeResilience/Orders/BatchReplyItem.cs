namespace ExchangeResilience;

/// <summary>What a batch's reply says of one item, in the exchange's own bytes. Both are null where it was executed.</summary>
internal sealed record BatchReplyItem(ErrorDefinition? Definition, ExchangeError? Error, byte[] Json)
{
    /// <summary>The order that a success shows; null where it shows none.</summary>
    public OrderEvidence? Order { get; } = Error is null ? OrderEvidence.Read(Json) : null;
}
