namespace ExchangeResilience;

/// <summary>The search for one order in doubt, and what it has used of the answers that serve several, so that it counts none of them twice.</summary>
internal sealed class OrderSearch(Claim claim, Action<OrderSearch> end) : IDisposable
{
    public Claim Claim { get; } = claim;

    /// <summary>The list that would show the order; null where there is none.</summary>
    public ListName? List { get; } = claim is { Key: { Kind: OperationKind.Place, Symbol.Length: > 0 }, Origin: var origin } && claim.Operation.Endpoint.EvidencePath == origin.Venue.OrderPath
        ? new ListName(origin.Host, origin.Account.Counted, claim.Key.Symbol)
        : null;

    /// <summary>The earliest time of the order, on the exchange's clock; the beginning of time where that is not known.</summary>
    public long OpensMs => Claim.Attempts.Traces is { Count: > 0 } windows ? windows.Min(static window => window.OpensMs) : long.MinValue;

    public Task<long?>? UsedTime { get; set; }

    public Task<OrderList>? UsedList { get; set; }

    /// <summary>The last list gave no evidence of the order: the next look is for it alone, which the exchange may answer all the same.</summary>
    public bool AsksAlone { get; set; }

    public void Dispose() => end(this);
}
