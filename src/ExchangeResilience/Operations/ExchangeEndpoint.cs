namespace ExchangeResilience;

/// <summary>
/// One row of the endpoint table: everything the middleware must know of a path. The built-in rows are those of the venue; a program adds its own, or replaces
/// built-in ones of the same method and path, through <see cref="ExchangeErrorHandlingOptions.Endpoints"/>.
/// </summary>
public sealed class ExchangeEndpoint
{
    private ExchangeOperation? _plain;
    private string? _text;

    /// <summary>Creates a row.</summary>
    /// <param name="method">GET, POST, PUT or DELETE.</param>
    /// <param name="path">The path below the host, for example <c>/fapi/v1/order</c>.</param>
    /// <param name="kind">What a request does, which decides what may be repeated.</param>
    public ExchangeEndpoint(HttpMethod method, string path, OperationKind kind)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(path);
        Method = method;
        Path = path;
        Kind = kind;
    }

    /// <summary>The HTTP method.</summary>
    public HttpMethod Method { get; }

    /// <summary>The path below the host.</summary>
    public string Path { get; }

    /// <summary>What a request does, which decides what may be repeated.</summary>
    public OperationKind Kind { get; }

    /// <summary>What a request must carry to be let in. Defaults to <see cref="EndpointSecurity.Signature"/>.</summary>
    public EndpointSecurity Security { get; init; } = EndpointSecurity.Signature;

    /// <summary>Request weight charged to the address; the highest, where it depends on a parameter. Defaults to 1.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Orders charged to the account's 10 s window. Defaults to 0.</summary>
    public int OrdersPer10Seconds { get; init; }

    /// <summary>Orders charged to the account's 1 min window. Defaults to 0.</summary>
    public int OrdersPerMinute { get; init; }

    /// <summary>What the body of a 2xx holds when a mutation is done. Defaults to <see cref="SuccessProof.NoNegativeCode"/>, the weakest.</summary>
    public SuccessProof Proof { get; init; }

    /// <summary>
    /// The matching engine checks timestamp and recvWindow again (-5028), so that an order which is not there once both have passed can be proven absent.
    /// Set only where that is documented. Defaults to false: absence is never proof.
    /// </summary>
    public bool EngineChecksWindow { get; init; }

    /// <summary>The parameter that carries the caller's own id; null where the endpoint has none. A place or amend that has one is sent by one call at a time, and looked for where its reply is lost.</summary>
    public string? ClientIdParameter { get; init; }

    /// <summary>The parameter that carries the exchange's id, in the request and in the look-up alike; null where the endpoint has none.</summary>
    public string? OrderIdParameter { get; init; }

    /// <summary>Where an order of this endpoint is looked for with GET, and cancelled with DELETE; null where it cannot be.</summary>
    public string? EvidencePath { get; init; }

    /// <summary>The parameter under which the look-up takes the caller's own id.</summary>
    public string? EvidenceIdParameter { get; init; }

    /// <summary>False where the look-up takes no symbol (conditional orders). Defaults to true.</summary>
    public bool EvidenceTakesSymbol { get; init; } = true;

    /// <summary>
    /// For a batch: the path of the row, of the same method, that each item is a request of. Null for everything else. Without <see cref="ItemsParameter"/>
    /// the id parameters hold JSON lists of ids, each of which is an item.
    /// </summary>
    public string? ItemPath { get; init; }

    /// <summary>The parameter that holds the items of a batch as a JSON array of objects.</summary>
    public string? ItemsParameter { get; init; }

    /// <summary>Where the effect of an additive endpoint is listed; null where nothing lists it.</summary>
    public EndpointHistory? History { get; init; }

    /// <summary>False for the rows of every path the table does not know.</summary>
    internal bool IsListed { get; init; } = true;

    /// <summary>What it weighs for one symbol; null where a symbol makes no difference.</summary>
    internal int? WeightWithSymbol { get; init; }

    /// <summary>What it weighs by the <c>limit</c> requested; null where that makes no difference.</summary>
    internal LimitWeights? WeightByLimit { get; init; }

    /// <summary>The reply holds one or more orders, which may be evidence about orders in doubt.</summary>
    internal bool ShowsOrders { get; init; }

    internal bool IsBatch => ItemPath is not null;

    internal bool IsMutation => Kind != OperationKind.Query;

    /// <summary>Whether this library claims and reconciles its requests: one order named by an id.</summary>
    internal bool IsClaimed => IsOrder && !IsBatch && ClientIdParameter is not null;

    /// <summary>Whether each item of its requests is claimed and reconciled like an order of its own.</summary>
    internal bool ClaimsItems => IsOrder && ItemsParameter is not null;

    /// <summary>Whether anything of its requests leaves only under a claim.</summary>
    internal bool TakesClaims => IsClaimed || ClaimsItems;

    private bool IsOrder => Kind is OperationKind.Place or OperationKind.Amend;

    /// <summary>What a request with these parameters weighs.</summary>
    internal int WeightOf(in RequestParameters parameters)
    {
        if (WeightByLimit is { } byLimit)
        {
            return parameters.TryFind("limit", out var limit) ? byLimit.Of(limit.RawValue) : byLimit.Unset;
        }

        return WeightWithSymbol is { } single && parameters.TryFind("symbol", out _) ? single : Weight;
    }

    /// <summary>The operation of a request without parameters that matter; one object serves them all.</summary>
    internal ExchangeOperation PlainOperation => _plain ??= new ExchangeOperation(this);

    /// <summary>Method and path.</summary>
    public override string ToString() => _text ??= $"{Method} {Path}";
}
