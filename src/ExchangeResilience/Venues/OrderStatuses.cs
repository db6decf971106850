namespace ExchangeResilience;

/// <summary>The exchange's names for the state of an order, conditional ones included, and for what an event reports.</summary>
internal static class OrderStatuses
{
    public const string New = "NEW";
    public const string PartiallyFilled = "PARTIALLY_FILLED";
    public const string Filled = "FILLED";
    public const string Canceled = "CANCELED";
    public const string Rejected = "REJECTED";
    public const string Expired = "EXPIRED";
    public const string ExpiredInMatch = "EXPIRED_IN_MATCH";

    /// <summary>Of conditional orders alone.</summary>
    public const string Triggering = "TRIGGERING";
    public const string Triggered = "TRIGGERED";
    public const string Finished = "FINISHED";

    /// <summary>An event's kind, never an order's state.</summary>
    public const string Amendment = "AMENDMENT";
}
