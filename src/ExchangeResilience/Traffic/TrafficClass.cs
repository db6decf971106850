namespace ExchangeResilience;

/// <summary>What a request is to the gate, declared in the order in which waiting requests are released.</summary>
internal enum TrafficClass
{
    Cancel,

    /// <summary>An order that can only shrink a position; the exchange exempts it from -1008.</summary>
    ReducingOrder,

    /// <summary>An order that may increase risk.</summary>
    Order,

    /// <summary>The library's own queries: the exchange's time, order look-ups.</summary>
    Evidence,
    Setting,
    Query,
}
