namespace ExchangeResilience;

/// <summary>How far a lane is open.</summary>
public enum LaneState
{
    /// <summary>Requests pass, as far as the exchange's limits allow.</summary>
    Open = 0,

    /// <summary>Nothing passes.</summary>
    Held,

    /// <summary>The hold is over; one request finds out whether the exchange agrees.</summary>
    Probing,

    /// <summary>The probe came back well; ever more requests pass at a time.</summary>
    Ramping,
}
