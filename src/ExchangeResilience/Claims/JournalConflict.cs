namespace ExchangeResilience;

/// <summary>What an order in the journal means to a call that is about to send one of the same name.</summary>
internal enum JournalConflict
{
    /// <summary>It is the same order and may have taken effect: find out.</summary>
    InDoubt,

    /// <summary>It is the same order, and its verdict is this call's verdict.</summary>
    HasVerdict,

    /// <summary>It is another order, and the id is taken.</summary>
    HasId,

    /// <summary>It is another order: of another account, or long over, so that the id is free again.</summary>
    IsAnother,

    /// <summary>Nothing shows whether it is of the same account.</summary>
    IsUnclear,

    /// <summary>It was executed, and nothing shows whether so long ago that the id is free again.</summary>
    IsOfUnknownAge,
}
