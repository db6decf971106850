namespace ExchangeResilience;

/// <summary>Of two contrary wishes for one order the later one holds: what leaves overtakes what calls before it mean. Guarded by the table's lock.</summary>
internal sealed class ContraryWishes(ClaimIndex claims, RunningCalls calls)
{
    /// <summary>An order or amendment leaves for the first time.</summary>
    public void OvertakeBy(Claim claim)
    {
        var name = claim.Key;
        switch (name.Kind)
        {
            case OperationKind.Amend:
                Overtake(name, claim, claim.Operation.Fingerprint);
                OvertakeByOtherId(claim);
                break;
            case OperationKind.Place:
                Overtake(name, claim, claim.Operation.Fingerprint);
                Overtake(name with { Kind = OperationKind.Amend }, claim);
                Overtake(name with { Kind = OperationKind.Cancel }, claim);
                Overtake(name with { Kind = OperationKind.Cancel, Symbol = "" }, claim);
                Overtake(name with { Kind = OperationKind.CancelAll, Id = "" }, claim);
                break;
        }
    }

    /// <summary>
    /// A cancel leaves. What it names, an earlier call must not place after it. A cancel of all may come from another part of the program than an order that closes a position, so
    /// that what an earlier call places after it leaves, and is cancelled once it rests.
    /// </summary>
    public void OvertakeBy(ApplicationCall cancel)
    {
        foreach (var (place, running) in calls.ByName)
        {
            running.ForEach(each => OvertakeBy(cancel, each, place));
        }

        foreach (var unread in calls.Unread.Where(each => each.Number < cancel.Number))
        {
            unread.Note(call => EachName(call, place => OvertakeBy(cancel, call, place)));
        }
    }

    /// <summary>An order is known to be cancelled: a call that meant it before must not place it again. What earlier calls place after a cancel of all is cancelled once it rests.</summary>
    public void OvertakeCancelled(ApplicationCall call, in OrderName cancel, AccountIdentity account)
    {
        if (cancel.Kind == OperationKind.CancelAll)
        {
            return;
        }

        foreach (var place in PlacesOf(cancel, calls.Names))
        {
            calls.Of(place).ForEach(each => OvertakeCancelled(call, account, each, place));
        }

        var cancelled = cancel;
        foreach (var unread in calls.Unread.Where(each => each.Number < call.Number))
        {
            unread.Note(read => EachName(read, place =>
            {
                if (cancelled.Cancels(place))
                {
                    OvertakeCancelled(call, account, read, place);
                }
            }));
        }
    }

    /// <summary>The caller knows that its cancel took effect: a call that places the same id from now on means another order.</summary>
    public void EndCancelled(ApplicationCall call, in OrderName cancel, AccountIdentity account)
    {
        foreach (var claim in PlacesOf(cancel, claims.Names).SelectMany(place => claims.Of(place)))
        {
            if (claim.Number > call.Number || account.Compare(claim.Origin.Account) != SameAccount.Yes || (cancel.Kind == OperationKind.CancelAll && !claim.MayHaveRested))
            {
                continue;
            }

            if (cancel.Kind == OperationKind.Cancel || claim.Delivery.IsComplete)
            {
                claim.OvertakenBy = (calls.LastNumber, null);
            }
            else
            {
                // The reply to a cancel of all names no order: one whose verdict the caller does not have may have been filled.
                claim.CancelReportedAt = calls.LastNumber;
            }
        }
    }

    private static List<OrderName> PlacesOf(OrderName cancel, IEnumerable<OrderName> known) =>
        cancel is { Kind: OperationKind.Cancel, Symbol.Length: > 0 } ? [cancel with { Kind = OperationKind.Place }] : [.. known.Where(place => cancel.Cancels(place))];

    private static void EachName(ApplicationCall call, Action<OrderName> overtake)
    {
        foreach (var wish in call.Wishes)
        {
            overtake(wish.Name);
        }
    }

    private static void OvertakeBy(ApplicationCall cancel, ApplicationCall earlier, OrderName place)
    {
        var wish = cancel.Wishes.FirstOrDefault(wish => wish.Name.Cancels(place));
        if (wish.Terms is null || earlier.Number >= cancel.Number || earlier.Account.Compare(cancel.Account) != SameAccount.Yes)
        {
            return;
        }

        if (wish.Name.Kind == OperationKind.CancelAll)
        {
            earlier.CancelBy(wish.Name, cancel.Number);
        }
        else
        {
            earlier.Overtake(place, by: null);
        }
    }

    private static void OvertakeCancelled(ApplicationCall call, AccountIdentity account, ApplicationCall earlier, OrderName place)
    {
        if (earlier.Number < call.Number && account.Compare(earlier.Account) != SameAccount.No)
        {
            earlier.Overtake(place, by: null);
        }
    }

    private static void Overtake(OrderName name, Claim by, string? unless, ApplicationCall call)
    {
        if (call.Number < by.Number && by.Origin.Account.Compare(call.Account) != SameAccount.No && (unless is null || !call.Wants(new Wish(name, unless))))
        {
            call.Overtake(name, by);
        }
    }

    private void Overtake(in OrderName name, Claim by, string? unless = null)
    {
        foreach (var call in calls.Of(name))
        {
            Overtake(name, by, unless, call);
        }

        if (calls.Unread.Count > 0)
        {
            OvertakeUnread(name, by, unless);
        }

        foreach (var claim in claims.Of(name))
        {
            if (claim.Number < by.Number && by.Origin.Account.Compare(claim.Origin.Account) != SameAccount.No
                && (unless is null || !string.Equals(claim.Operation.Fingerprint, unless, StringComparison.Ordinal))
                && !IsOfEarlierOrder(claim))
            {
                claim.OvertakenBy = (by.Number, by);
            }
        }
    }

    private void OvertakeUnread(OrderName name, Claim by, string? unless)
    {
        foreach (var unread in calls.Unread.Where(each => each.Number < by.Number))
        {
            unread.Note(call =>
            {
                if (call.Wishes.Any(wish => wish.Name == name))
                {
                    Overtake(name, by, unless, call);
                }
            });
        }
    }

    /// <summary>An amendment of an order after which another was placed under its id: what overtakes amendments of that one says no more of it.</summary>
    private static bool IsOfEarlierOrder(Claim claim) => claim is { Key.Kind: OperationKind.Amend, OvertakenBy.By: { Key.Kind: OperationKind.Place, Latest.DidNothing: false } };

    private void OvertakeByOtherId(Claim by)
    {
        if (by.OrderId is not { } order)
        {
            return;
        }

        foreach (var claim in claims.Settled)
        {
            if (ClaimNeighbours.AmendsSameOrder(claim, by, order))
            {
                claim.OvertakenBy = (by.Number, by);
            }
        }
    }
}
