namespace ExchangeResilience;

/// <summary>What one request wants of the exchange, read from its method, path, query and form body.</summary>
internal sealed class ExchangeOperation(ExchangeEndpoint endpoint)
{
    public ExchangeEndpoint Endpoint { get; } = endpoint;
    public OperationKind Kind => Endpoint.Kind;

    /// <summary>In upper case: the exchange takes either for the same.</summary>
    public string? Symbol { get; init => field = value?.ToUpperInvariant(); }

    /// <summary>The caller's own id of the order; null where the request names none.</summary>
    public string? ClientOrderId { get; init; }

    /// <summary>The exchange's id of the order; it prevails over <see cref="ClientOrderId"/> on amends and cancels.</summary>
    public string? OrderId { get; init; }

    /// <summary>The same about an order whose own id at the exchange is known: a newer one may have the same client order id.</summary>
    public ExchangeOperation Naming(string orderId) => new(Endpoint) { Symbol = Symbol, ClientOrderId = ClientOrderId, OrderId = orderId };

    /// <summary>
    /// Takes the place of the id of an order that was signed before it came here, and has none: the same signature is the same order. The exchange does not know this name; null for
    /// every other request.
    /// </summary>
    public string? Seal { get; init; }

    /// <summary>What the order is claimed under: the exchange's id where the request gives it, else the caller's.</summary>
    public string? TargetId => OrderId ?? ClientOrderId ?? Seal;

    public RiskDirection Risk { get; init; }

    /// <summary>A hash of all parameters but timestamp, recvWindow, signature and the client id: what makes two requests the same intent. It can be kept where the parameters may not. Empty for a batch, whose items have their own.</summary>
    public string Fingerprint { get; init; } = "";

    public OrderTerms Terms { get; init; }

    /// <summary>What the history of an additive endpoint is queried and compared with, by name; null where the endpoint has none.</summary>
    public IReadOnlyDictionary<string, string>? Traits { get; init; }

    /// <summary>Whether the client order id was generated here, so that no older order of the same id can exist.</summary>
    public bool IdIsGenerated { get; init; }

    /// <summary>A signed change on a path that the endpoint table does not list: it may place an order.</summary>
    public bool MayBeOrder { get; init; }

    /// <summary>The timestamp and recvWindow a caller signed by itself; null where this library signs.</summary>
    public long? ForeignStampMs { get; init; }
    public long? ForeignRecvWindowMs { get; init; }

    /// <summary>Method and path, the only part of the request that ever appears in a log, report or message.</summary>
    public override string ToString() => Endpoint.IsListed ? Endpoint.ToString() : $"{Kind} on an unlisted path";
}
