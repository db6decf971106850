namespace ExchangeResilience;

/// <summary>Claims of other names that may be of the same order: an equal one under another id, an amendment that names its order in another way. Guarded by the table's lock.</summary>
internal sealed class ClaimNeighbours(TimeProvider time, ClaimIndex claims)
{
    // What can never be proved absent must not stop others for ever.
    private static readonly TimeSpan BlocksOthersFor = TimeSpan.FromHours(1);

    // The longest receive window, and as much for what else may be late.
    private static readonly TimeSpan TakenFor = TimeSpan.FromMilliseconds(2 * ReceiveWindow.MaxMs);

    /// <summary>How much longer the exchange may take what was sent; not above zero where it does not.</summary>
    public static TimeSpan WindowLeftOf(Claim claim, TimeProvider time)
    {
        var window = TimeSpan.FromMilliseconds(claim.IsSettled ? 0 : Math.Min(claim.Attempts.LongestWindowMs, (long)TakenFor.TotalMilliseconds));
        return window - time.GetElapsedTime(claim.SentAt);
    }

    /// <summary>Whether another claim is an amendment of the order that this one amends, by the exchange's id, and names it by the other kind of id.</summary>
    public static bool AmendsSameOrder(Claim other, Claim amendment, string order) =>
        other.Key.Kind == OperationKind.Amend
        && other.Key != amendment.Key
        && IsNeighbour(other, amendment.Operation, amendment.Origin.Account)
        && string.Equals(other.OrderId, order, StringComparison.Ordinal);

    /// <summary>Whether an amendment in doubt is of an order before the one that a call means: a later one of that id has been placed since, and the exchange does not take the amendment any more.</summary>
    public bool IsOfEarlierOrder(Claim amendment, ApplicationCall call, long now) =>
        amendment is { IsSettled: false, Key.Kind: OperationKind.Amend, OvertakenBy.By: { Key.Kind: OperationKind.Place, Latest.DidNothing: false } place }
        && place.Number < call.Number
        && time.GetElapsedTime(amendment.SentAt, now) > TakenFor;

    /// <summary>
    /// Another amendment, in flight or in doubt, that names its order by the other kind of id: nothing shows whether it is the same order. Those of one batch leave together, and
    /// the exchange carries them out in their order.
    /// </summary>
    public Claim? AmendmentByOtherId(ApplicationCall call, ExchangeOperation operation, AccountIdentity account, IReadOnlyCollection<Claim> met, long now)
    {
        foreach (var claim in claims.All)
        {
            if (claim is { IsSettled: false, Key.Kind: OperationKind.Amend }
                && claim.Operation.OrderId is null != operation.OrderId is null
                && !met.Contains(claim)
                && IsNeighbour(claim, operation, account)
                && !IsOfEarlierOrder(claim, call, now))
            {
                return claim;
            }
        }

        return null;
    }

    /// <summary>
    /// An amendment that the exchange may yet take, of an order before the one that is to be placed under the id: it would change the new one. Null where there is none.
    /// </summary>
    public Claim? AmendmentOnItsWay(in OrderName place, AccountIdentity account)
    {
        foreach (var claim in claims.Of(place with { Kind = OperationKind.Amend }))
        {
            if (WindowLeftOf(claim, time) > TimeSpan.Zero && claim.Origin.Account.Compare(account) != SameAccount.No)
            {
                return claim;
            }
        }

        return null;
    }

    /// <summary>Whether a later call is to place another order under the id of an amendment, or has placed it.</summary>
    public bool IsFollowed(Claim amendment, ApplicationCall call) =>
        claims.Of(amendment.Key with { Kind = OperationKind.Place }).Exists(
            place => place.AskedBy > call.Number && !place.DidNothing && place.Origin.Account.Compare(amendment.Origin.Account) != SameAccount.No);

    /// <summary>An equal order, in doubt, that was given an id here.</summary>
    public Claim? TwinInDoubt(ExchangeOperation operation, AccountIdentity account, IReadOnlyCollection<Claim> met)
    {
        if (claims.InDoubtCount == 0)
        {
            return null;
        }

        var now = time.GetTimestamp();
        foreach (var claim in claims.All)
        {
            if (claim.State == ClaimState.InDoubt && IsTwin(claim, operation, account, met)
                && ((claim.Origin.CanAsk && claim.DeadlineMs is not null) || time.GetElapsedTime(claim.SentAt, now) <= BlocksOthersFor))
            {
                return claim;
            }
        }

        return null;
    }

    /// <summary>An equal order that was given an id here and executed a moment ago, and whose caller does not have its verdict.</summary>
    public Claim? TwinToRepeat(ExchangeOperation operation, AccountIdentity account, IReadOnlyCollection<Claim> met)
    {
        var now = time.GetTimestamp();
        return claims.Settled.FirstOrDefault(claim =>
            IsTwin(claim, operation, account, met) && claim is { DidNothing: false, OvertakenBy.Number: 0 } && claim.Delivery.ExpectRepeat(time, now));
    }

    /// <summary>
    /// How many orders of an account are in doubt. One that no client can look up, or that has been in doubt for an hour, ends when the application finds it out by itself; it
    /// must not stop orders that can be settled.
    /// </summary>
    public int CountInDoubt(AccountIdentity account)
    {
        var now = time.GetTimestamp();
        return claims.All.Count(claim =>
            claim is { State: ClaimState.InDoubt, Origin.CanAsk: true }
            && time.GetElapsedTime(claim.SentAt, now) <= BlocksOthersFor
            && string.Equals(claim.Origin.Account.Counted, account.Counted, StringComparison.Ordinal));
    }

    private static bool IsTwin(Claim claim, ExchangeOperation operation, AccountIdentity account, IReadOnlyCollection<Claim> met) =>
        claim.Operation.IdIsGenerated
        && string.Equals(claim.Operation.Fingerprint, operation.Fingerprint, StringComparison.Ordinal)
        && !string.Equals(claim.Key.Id, operation.TargetId, StringComparison.Ordinal)
        && !met.Contains(claim)
        && IsNeighbour(claim, operation, account);

    private static bool IsNeighbour(Claim claim, ExchangeOperation operation, AccountIdentity account) =>
        claim.Key.Kind == operation.Kind
        && string.Equals(claim.Key.Symbol, operation.Symbol ?? "", StringComparison.Ordinal)
        && string.Equals(claim.Operation.Endpoint.Path, operation.Endpoint.Path, StringComparison.Ordinal)
        && claim.Origin.Account.Compare(account) != SameAccount.No;
}
