namespace ExchangeResilience;

/// <summary>What a request must carry to be let in.</summary>
public enum EndpointSecurity
{
    /// <summary>Nothing.</summary>
    Public,

    /// <summary>The API key alone (listenKey, historical trades).</summary>
    Key,

    /// <summary>Key, timestamp and signature.</summary>
    Signature,
}
