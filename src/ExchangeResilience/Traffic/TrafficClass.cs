namespace ExchangeResilience;

/// <summary>What a request is to the gate, declared in the order in which waiting requests are released.</summary>
internal enum TrafficClass
{
    Cancel,

    /// <summary>An order that can only shrink a position; the exchange exempts it from -1008.</summary>
    ReducingOrder,

    /// <summary>An order that may increase risk.</summary>
    Order,

    /// <summary>The library's own questions: the exchange's time, order lookups.</summary>
    Evidence,
    Setting,
    Query,
}

/// <summary>One row per class: which lanes it travels, and how much of the request weight it may use.</summary>
/// <param name="Lanes">How many of the lanes Ip, Orders, Host, in this order.</param>
/// <param name="WeightPercent">The rest of the weight is kept for classes that may use all of it.</param>
/// <param name="IsProtective">Whether it takes risk away, and so waits for no probe of what does not.</param>
internal readonly record struct TrafficRule(int Lanes, int WeightPercent, bool IsProtective = false)
{
    private static readonly TrafficRule[] Rows =
    [
        /* Cancel        */ new(1, 100, IsProtective: true),
        /* ReducingOrder */ new(2, 100, IsProtective: true),
        /* Order         */ new(3, 99),
        /* Evidence      */ new(1, 99),
        /* Setting       */ new(1, 98),
        /* Query         */ new(1, 98),
    ];

    public static int Classes => Rows.Length;

    /// <summary>Whether a hold of the lane binds the class.</summary>
    public bool Travels(TrafficLane lane) => lane != TrafficLane.None && (int)lane <= Lanes;

    public static TrafficRule Of(TrafficClass trafficClass) => Rows[(int)trafficClass];
}
