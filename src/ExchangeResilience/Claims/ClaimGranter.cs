namespace ExchangeResilience;

/// <summary>Decides whether a request leaves under a new claim, joins an existing one, or is refused. Guarded by the table's lock.</summary>
internal sealed class ClaimGranter(TimeProvider time, ClaimIndex claims, RunningCalls calls, ClaimRetention retention, ClaimNeighbours neighbours, EndedOrders ended)
{
    /// <summary>Whether the verdict of a claim answers a call.</summary>
    public static bool Answers(Claim claim, ApplicationCall call) =>
        !(claim is { CancelReportedAt: > 0, Delivery.IsComplete: true } && claim.CancelReportedAt < call.Number && claim.MayHaveRested)
        && (claim.OvertakenBy.Number >= call.Number
            || claim.OvertakenBy is { Number: 0 }
            || claim.OvertakenBy.By is { Latest.DidNothing: true }
            || (claim.OvertakenBy.By is not null && !claim.IsSettled)
            || (claim is { Key.Kind: OperationKind.Place, OvertakenBy.By: not null } && (!claim.Delivery.IsComplete || claim.MetBy > claim.OvertakenBy.Number)));

    /// <summary>What a request may do. Of a batch, no item takes a claim that another has met. Where a claim is granted, <paramref name="over"/> are the settled ones of its name.</summary>
    public ClaimGrant Decide(
        ApplicationCall call, ExchangeOperation operation, ClaimOrigin origin, ReconciliationOptions options, IReadOnlyCollection<Claim> met, out List<Claim>? over)
    {
        over = null;
        var wish = Wish.Of(operation);
        var now = time.GetTimestamp();
        if (Find(call, operation, origin.Account, wish, now, out var equal, out var other, out var cancelled) is { } unclear)
        {
            return new(ClaimAnswer.AccountUnclear, unclear);
        }

        if (call.IsOvertaken(wish.Name) || equal?.Cancel is { Fate: not KeptCancelFate.Expired } cancel && equal.DidNothing && call.Number < cancel.Number)
        {
            // What a later call has made of the id since is another order.
            return equal is null || equal.AskedBy > call.Number ? new(ClaimAnswer.Overtaken, null) : Join(call, equal);
        }

        if (cancelled is not null)
        {
            return new(ClaimAnswer.Serialise, cancelled);
        }

        if (equal is { DidNothing: false })
        {
            return Join(call, equal);
        }

        if (operation.Kind == OperationKind.Amend && (other ?? neighbours.AmendmentByOtherId(call, operation, origin.Account, met, now)) is { } amend)
        {
            return new(ClaimAnswer.Serialise, amend);
        }

        if (other is not null)
        {
            return new(ClaimAnswer.OtherRequest, other);
        }

        if (operation.Kind == OperationKind.Place && neighbours.AmendmentOnItsWay(wish.Name, origin.Account) is { } onItsWay)
        {
            return new(ClaimAnswer.Serialise, onItsWay);
        }

        if (call.IsClosed)
        {
            return new(ClaimAnswer.TooLate, null);
        }

        if (operation.IdIsGenerated && neighbours.TwinInDoubt(operation, origin.Account, met) is { } twin)
        {
            return new(ClaimAnswer.TwinInDoubt, twin);
        }

        if (claims.InDoubtCount >= options.MaxInDoubt && neighbours.CountInDoubt(origin.Account) >= options.MaxInDoubt)
        {
            return new(ClaimAnswer.TooManyInDoubt, equal);
        }

        over = claims.Of(wish.Name).FindAll(static claim => claim.IsSettled);
        return Join(call, Grant(call, operation, origin, options, equal, now)) with { Answer = ClaimAnswer.Go };
    }

    /// <summary>A call meets a claim, and will know its verdict.</summary>
    public ClaimGrant Join(ApplicationCall call, Claim claim)
    {
        if (!call.IsClosed)
        {
            Meet(call, claim);
        }

        claim.MetBy = Math.Max(claim.MetBy, call.Number);

        // Nothing shows from which of several equal calls a send came, but one that was overtaken sends nothing any more.
        foreach (var equal in calls.Of(claim.Key))
        {
            if (equal != call && !equal.IsClosed && equal.Means(claim) && !equal.IsOvertaken(claim.Key))
            {
                Meet(equal, claim);
            }
        }

        return new(ClaimAnswer.Join, claim);
    }

    private static void Meet(ApplicationCall call, Claim claim)
    {
        if (call.Meet(claim) && !call.IsCopyOfOneThatMet(claim))
        {
            claim.Delivery.CountCall(call.IsShared);
        }
    }

    public Claim Add(ExchangeOperation operation, ClaimOrigin origin, ReconciliationOptions options, DateTimeOffset since)
    {
        var claim = new Claim(operation, origin) { Since = since };
        claim.Delivery.Retention = options.VerdictRetention;
        ended.ExcludeEarlier(claim);
        claims.Add(claim);
        return claim;
    }

    /// <summary>Finds the claims of the name that matter to the call.</summary>
    /// <returns>One of which nothing shows whether it is of the same account, so that no other matters; else null.</returns>
    private Claim? Find(
        ApplicationCall call, ExchangeOperation operation, AccountIdentity account, in Wish wish, long now, out Claim? equal, out Claim? other, out Claim? cancelled)
    {
        equal = other = cancelled = null;
        foreach (var claim in claims.Of(wish.Name))
        {
            switch (account.Compare(claim.Origin.Account))
            {
                case SameAccount.Unclear when !claim.DidNothing && !retention.IsFree(claim, now):
                case SameAccount.No when operation.IdIsGenerated && claim.Operation.IdIsGenerated && !claim.DidNothing:
                    return claim;
                case SameAccount.Yes when claim.Successor is null && !neighbours.IsOfEarlierOrder(claim, call, now):
                    var isEqual = string.Equals(claim.Operation.Fingerprint, wish.Terms, StringComparison.Ordinal);
                    equal = isEqual && Answers(claim, call) && !retention.IsFree(claim, now) ? TheOneMeant(equal, claim, call) : equal;
                    var isCancelled = !claim.IsSettled && !Answers(claim, call) && (isEqual || claim.Key.Kind == OperationKind.Place);
                    cancelled = isCancelled ? claim : cancelled;
                    other = !isEqual && !claim.IsSettled && !isCancelled ? claim : other;
                    break;
                default:
                    break;
            }
        }

        return null;
    }

    /// <summary>Of two that answer a call, the later one; but not one that a later call has begun, where the other may have taken effect.</summary>
    private static Claim TheOneMeant(Claim? one, Claim later, ApplicationCall call) =>
        one is { DidNothing: false } && one.AskedBy <= call.Number && later.AskedBy > call.Number ? one : later;

    private Claim Grant(ApplicationCall call, ExchangeOperation operation, ClaimOrigin origin, ReconciliationOptions options, Claim? equal, long now)
    {
        var granted = Add(operation, origin, options, time.GetUtcNow());
        granted.AskedBy = call.Number;
        if (operation.Seal is not null)
        {
            // As long as the exchange takes them, the same bytes are the same order, whichever caller has its verdict.
            granted.Delivery.MarkTroubled();
        }

        if (granted.Key.Kind == OperationKind.Amend)
        {
            granted.AmendedOrder = operation.OrderId is null ? ended.PlacedOrder(granted.Key, origin.Account) : null;
            ended.ExcludeEarlierByOtherId(granted);
        }

        if (operation.Kind == OperationKind.Place && call.CancelOf(granted.Key) is > 0 and var cancelOfAll)
        {
            granted.KeepCancel(cancelOfAll);
        }

        if (equal is not null)
        {
            granted.Inherit(equal);
            granted.Delivery.GoOnFrom(equal.Delivery);
            equal.Successor = granted;
            retention.Free(equal, now);
        }

        return granted;
    }
}
