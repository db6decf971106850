namespace ExchangeResilience;

/// <summary>What a request must carry to be let in.</summary>
internal enum EndpointSecurity
{
    Public,

    /// <summary>The API key alone (listenKey, historical trades).</summary>
    Key,

    /// <summary>Key, timestamp and signature.</summary>
    Signed,
}

/// <summary>One row of a venue's endpoint table: everything the middleware must know of a path.</summary>
internal sealed record Endpoint(HttpMethod Method, string Path, OperationKind Kind)
{
    private ExchangeOperation? _plain;

    /// <summary>False for the rows that stand for every path the table does not know.</summary>
    public bool IsListed { get; init; } = true;

    public EndpointSecurity Security { get; init; } = EndpointSecurity.Signed;
    public bool IsBatch { get; init; }

    /// <summary>Request weight charged to the address; the highest, where it depends on a parameter.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>What it weighs for one symbol; null where a symbol makes no difference.</summary>
    public int? WeightWithSymbol { get; init; }

    /// <summary>What it weighs by the <c>limit</c> asked for; null where that makes no difference.</summary>
    public LimitWeights? WeightByLimit { get; init; }

    /// <summary>Orders charged to the account's 10 s window and to its 1 min window.</summary>
    public int OrdersPer10Seconds { get; init; }
    public int OrdersPerMinute { get; init; }

    public SuccessProof Proof { get; init; }

    /// <summary>The matching engine checks timestamp and recvWindow again (-5028), so absence can be proved.</summary>
    public bool EngineChecksWindow { get; init; }

    /// <summary>The parameter that carries the caller's own id; null where the endpoint has none.</summary>
    public string? ClientIdParameter { get; init; }

    /// <summary>The parameter that carries the exchange's id; null where the endpoint has none.</summary>
    public string? OrderIdParameter { get; init; }

    /// <summary>Where an order of this endpoint is looked for, and under which parameter; null where it cannot be.</summary>
    public string? EvidencePath { get; init; }
    public string? EvidenceIdParameter { get; init; }

    /// <summary>False where the look-up takes no symbol (conditional orders).</summary>
    public bool EvidenceTakesSymbol { get; init; } = true;

    /// <summary>The reply holds one or more orders, which may be evidence about orders in doubt.</summary>
    public bool ShowsOrders { get; init; }

    /// <summary>Whether this library claims and reconciles its requests: one order named by an id.</summary>
    public bool IsClaimed => Kind is OperationKind.Place or OperationKind.Amend && !IsBatch && ClientIdParameter is not null;

    public bool IsMutation => Kind != OperationKind.Query;

    /// <summary>What a request with this query weighs.</summary>
    public int WeightOf(string query)
    {
        if (WeightByLimit is { } byLimit)
        {
            return byLimit.Of(new RequestParameters(query, null)["limit"]);
        }

        return WeightWithSymbol is { } single && new RequestParameters(query, null).TryFind("symbol", out _) ? single : Weight;
    }

    /// <summary>What a request without anything to tell apart is; one object serves them all.</summary>
    public ExchangeOperation PlainOperation => _plain ??= new ExchangeOperation(this);
}
