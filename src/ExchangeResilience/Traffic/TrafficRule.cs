namespace ExchangeResilience;

/// <summary>One row per class: which lanes it travels, and how much of the request weight and of the order counts it may use.</summary>
/// <param name="Lanes">How many of the lanes Ip, Orders, Host, in this order.</param>
/// <param name="WeightPercent">The rest of the weight is kept for classes that may use all of it.</param>
/// <param name="OrdersPercent">The rest of the order counts is kept for orders that close a position.</param>
internal readonly record struct TrafficRule(int Lanes, int WeightPercent, int OrdersPercent)
{
    private static readonly TrafficRule[] Rows =
    [
        /* Cancel        */ new(1, 100, 100),
        /* ReducingOrder */ new(2, 100, 100),
        /* Order         */ new(3, 99, 99),
        /* Evidence      */ new(1, 99, 99),
        /* Setting       */ new(1, 98, 99),
        /* Query         */ new(1, 98, 99),
    ];

    public static int Classes => Rows.Length;

    /// <summary>Whether it takes risk away: nothing is kept from it, and it waits for no probe of what does not.</summary>
    public bool IsProtective => WeightPercent == 100;

    /// <summary>Whether a hold of the lane binds the class.</summary>
    public bool Travels(TrafficLane lane) => lane != TrafficLane.None && (int)lane <= Lanes;

    public static TrafficRule Of(TrafficClass trafficClass) => Rows[(int)trafficClass];
}
