namespace ExchangeResilience;

/// <summary>The road a hold closes.</summary>
public enum TrafficLane
{
    /// <summary>No lane: only the call that met the error is delayed.</summary>
    None = 0,

    /// <summary>Everything that leaves from this address to this environment, whichever host or client.</summary>
    Ip,

    /// <summary>Orders of this account.</summary>
    Orders,

    /// <summary>Orders to this host that may increase risk. Reducing orders, cancels and queries pass.</summary>
    Host,
}
