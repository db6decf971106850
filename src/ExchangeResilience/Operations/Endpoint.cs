namespace ExchangeResilience;

/// <summary>Who must sign.</summary>
internal enum EndpointSecurity
{
    Public,

    /// <summary>The API key alone (listenKey).</summary>
    Key,

    /// <summary>Key, timestamp and signature.</summary>
    Signed,
}

/// <summary>One row of a venue's endpoint table: everything the middleware must know of a path.</summary>
internal sealed record Endpoint(HttpMethod Method, string Path, OperationKind Kind)
{
    public EndpointSecurity Security { get; init; } = EndpointSecurity.Signed;
    public bool IsBatch { get; init; }

    /// <summary>Request weight charged to the address.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Orders charged to the account in the 10 s window, and in the 1 min window.</summary>
    public int OrdersPer10Seconds { get; init; }
    public int OrdersPerMinute { get; init; }
    public SuccessProof Proof { get; init; }

    /// <summary>The matching engine checks timestamp and recvWindow again (-5028), so that absence can be proved.</summary>
    public bool EngineChecksWindow { get; init; }

    /// <summary>The parameter that carries the caller's own id: newClientOrderId, origClientOrderId, clientAlgoId.</summary>
    public string? ClientIdParameter { get; init; }

    /// <summary>The parameter that carries the exchange's id: orderId, algoId.</summary>
    public string? OrderIdParameter { get; init; }

    public bool IsMutation => Kind != OperationKind.Query;
    public bool CountsAsOrder => OrdersPer10Seconds > 0 || OrdersPerMinute > 0;
}
