namespace ExchangeResilience;

/// <summary>The exchange's reply to a look-up of ours. <paramref name="Error"/> is null where it succeeded.</summary>
internal readonly record struct QueryResult(ExchangeError? Error, ReadOnlyMemory<byte> Body)
{
    /// <summary>How long the exchange asked to wait before this look-up is repeated; zero where a closed lane holds all requests back instead.</summary>
    public TimeSpan AskedToWait { get; init; }

    /// <summary>The order that it shows; null where it shows none.</summary>
    public OrderEvidence? Order => Error is null ? OrderEvidence.Read(Body) : null;

    /// <summary>The orders that it lists; null where it is no list.</summary>
    public IReadOnlyList<OrderEvidence>? Orders => Error is null ? OrderEvidence.ReadAll(Body) : null;

    /// <summary>The modification history that it shows; null where it shows none.</summary>
    public IReadOnlyList<AmendmentEvidence>? Amendments => Error is null ? AmendmentEvidence.ReadAll(Body) : null;
}
