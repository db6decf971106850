namespace ExchangeResilience;

/// <summary>Whether a request took effect at the exchange. Taking effect is not the same as being filled.</summary>
public enum ExecutionStatus
{
    /// <summary>Nothing proves either way. Only evidence from the exchange ends this state; sending again may do the thing twice.</summary>
    Unknown = 0,

    /// <summary>The exchange refused the request, or it provably never arrived. A new request is safe.</summary>
    NotExecuted = 1,

    /// <summary>The exchange accepted the request.</summary>
    Executed = 2,
}
