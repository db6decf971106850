namespace ExchangeResilience.PostgreSql;

/// <summary>A user of the store. That one works does not mean that the other does: a full disk lets a lease be renewed, and no order be written.</summary>
internal enum StorePart
{
    /// <summary>What writes orders, verdicts and holds.</summary>
    Writing = 0,

    /// <summary>What keeps the lease, and asks for room.</summary>
    Heartbeat,
}
