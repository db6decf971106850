namespace ExchangeResilience;

/// <summary>Why the gate did not let a request out.</summary>
internal enum RefusalReason
{
    None = 0,
    HeldIp,
    HeldOrders,
    HeldHost,
    WeightSpent,
    OrdersSpent,
    TooManyWaiters,
}
