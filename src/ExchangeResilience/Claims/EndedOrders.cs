namespace ExchangeResilience;

/// <summary>
/// Orders that have ended a moment ago. They distinguish an order from one that had its id before: whatever their times, they are not the new one. Guarded by the table's lock.
/// </summary>
internal sealed class EndedOrders(TimeProvider time, ClaimIndex claims)
{
    // The exchange's time distinguishes an order that is older than this from one that follows it under its id.
    private static readonly TimeSpan Retention = TimeSpan.FromMinutes(1);

    private readonly Dictionary<OrderName, (Claim Order, long At)> _placed = [];

    // Of a name that is used again and again: the exchange's ids of what was cancelled under it, and of what was placed before the last.
    private readonly Dictionary<OrderName, List<(string Order, long At)>> _older = [];

    public int Count => _placed.Count;

    /// <summary>Of each name the last.</summary>
    public IEnumerable<Claim> Last => _placed.Values.Select(static lately => lately.Order);

    /// <summary>The claim of an order or amendment goes.</summary>
    public void NoteEnded(Claim claim, long now)
    {
        if (claim is { DidNothing: false, Key.Kind: OperationKind.Place or OperationKind.Amend, Operation.IdIsGenerated: false })
        {
            if (claim.Key.Kind == OperationKind.Place && _placed.TryGetValue(claim.Key, out var before) && before.Order.ExecutedOrder?.OrderId is { } order)
            {
                NoteOlder(claim.Key, order, now);
            }

            _placed[claim.Key] = (claim, now);
        }
    }

    /// <returns>Whether another order was placed under the name after that one, of which the cancel says nothing.</returns>
    public bool NoteCancelled(in OrderName cancel, AccountIdentity account, string order)
    {
        var place = cancel with { Kind = OperationKind.Place };
        NoteOlder(place, order, time.GetTimestamp());
        return claims.Of(place).Exists(claim => claim.Origin.Account.Compare(account) != SameAccount.No && claim.OlderOrders.Contains(order, StringComparer.Ordinal));
    }

    /// <summary>The exchange's id of the order last placed here under a client order id; null where that is not known.</summary>
    public string? PlacedOrder(in OrderName name, AccountIdentity account) =>
        WithLately(name with { Kind = OperationKind.Place }).Where(claim => claim is { DidNothing: false, OvertakenBy.By: null } && account.Compare(claim.Origin.Account) == SameAccount.Yes).MaxBy(static claim => claim.Number)?.OrderId;

    /// <summary>Tells a claim which orders and amendments of its name it is not.</summary>
    public void ExcludeEarlier(Claim claim)
    {
        if (_older.TryGetValue(claim.Key, out var older))
        {
            claim.OlderOrders = [.. older.Select(static each => each.Order).Distinct(StringComparer.Ordinal)];
        }

        foreach (var earlier in WithLately(claim.Key))
        {
            if (earlier.ExecutedOrder is { } order)
            {
                claim.IsAfter(order);
            }
        }
    }

    /// <summary>Tells an amendment which earlier ones of its order, named by the other kind of id, it is not.</summary>
    public void ExcludeEarlierByOtherId(Claim amendment)
    {
        if (amendment.OrderId is not { } order)
        {
            return;
        }

        foreach (var other in claims.Settled.Concat(Last))
        {
            if (ClaimNeighbours.AmendsSameOrder(other, amendment, order) && other.ExecutedOrder is { } amended)
            {
                amendment.IsAfter(amended);
            }
        }
    }

    public void Sweep(long now)
    {
        foreach (var (name, (_, at)) in _placed)
        {
            if (IsOver(at, now))
            {
                _placed.Remove(name);
            }
        }

        foreach (var (name, orders) in _older)
        {
            orders.RemoveAll(order => IsOver(order.At, now));
            if (orders.Count == 0)
            {
                _older.Remove(name);
            }
        }
    }

    private void NoteOlder(in OrderName name, string order, long now)
    {
        if (!_older.TryGetValue(name, out var orders))
        {
            _older[name] = orders = [];
        }

        orders.Add((order, now));
    }

    private bool IsOver(long at, long now) => time.GetElapsedTime(at, now) > Retention;

    private List<Claim> WithLately(in OrderName name) => _placed.TryGetValue(name, out var lately) ? [.. claims.Of(name), lately.Order] : claims.Of(name);
}
