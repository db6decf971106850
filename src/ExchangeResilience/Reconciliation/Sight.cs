namespace ExchangeResilience;

/// <summary>What a look for an order showed, where that is no verdict.</summary>
internal enum Sight
{
    /// <summary>Nothing: there was no answer, or none that says anything.</summary>
    None,

    /// <summary>The exchange refused the key.</summary>
    Refused,

    /// <summary>There is no such order, or it does not show the amendment.</summary>
    Absent,

    /// <summary>The order is not among those of its symbol.</summary>
    NotListed,

    /// <summary>Another order has the id, and ours was shown neither under it nor in the history.</summary>
    OnlyNamesake,
}
