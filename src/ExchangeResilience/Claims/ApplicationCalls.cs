namespace ExchangeResilience;

/// <summary>How calls of the application begin and end, and what their ends mean to the claims that they hold. Guarded by the table's lock.</summary>
internal sealed class ApplicationCalls(TimeProvider time, ClaimIndex claims, RunningCalls running, AnsweredWishes answered, ClaimRetention retention)
{
    public ApplicationCall Begin(Wish[] wishes, AccountIdentity account, HashSet<string>? givenIds, ApplicationCall? around, UnreadCall? unread)
    {
        retention.Sweep();
        var copied = around is { IsClosed: false } && around.Wants(wishes) && around.Account.Compare(account) == SameAccount.Yes ? around : null;
        var call = Hold(new ApplicationCall(copied?.Number ?? unread?.Number ?? running.NextNumber(), wishes, account, copied) { GivenIds = givenIds });
        if (unread is not null)
        {
            running.Forget(unread);
            unread.Become(call);
        }

        return call;
    }

    public ApplicationCall FindOrBegin(Wish[] wishes, AccountIdentity account, ApplicationCall? around)
    {
        if (around is { IsClosed: false } && around.Wants(wishes) && around.Account.Compare(account) != SameAccount.No)
        {
            return around;
        }

        if (running.Find(wishes, account) is { } call)
        {
            return call;
        }

        retention.Sweep();
        var own = new ApplicationCall(running.NextNumber(), wishes, account) { IsSendsOwn = true };

        // The copy of an answered message: its answer does not reach the application.
        own.IsClosed = answered.Contains(wishes, account);
        return own.IsClosed ? own : Hold(own);
    }

    public IReadOnlyList<Claim> Close(ApplicationCall call)
    {
        call.IsClosed = true;
        answered.Note(call, time.GetTimestamp());
        var known = new List<Claim>(capacity: 1);
        foreach (var claim in call.Joined)
        {
            if (!claim.DidNothing)
            {
                known.Add(claim);
            }
        }

        foreach (var wish in call.Wishes)
        {
            var named = claims.Of(wish.Name);
            foreach (var sent in named)
            {
                // What was sent again, and is over, answers no later call.
                if (call.Means(sent) && sent.HasLeft && ClaimGranter.Answers(sent, call) && !(sent.AskedBy > call.Number && call.IsOvertaken(sent.Key))
                    && !sent.Latest.DidNothing && !known.Contains(sent.Latest) && named.Contains(sent.Latest))
                {
                    known.Add(sent.Latest);
                }
            }
        }

        return known;
    }

    /// <returns>The settled claims that it met or held.</returns>
    public List<Claim> End(ApplicationCall call, IReadOnlyCollection<Claim> known, bool isAnswered)
    {
        var now = time.GetTimestamp();
        running.Remove(call);
        var joined = call.Joined;
        var ended = new List<Claim>(joined.Count);
        foreach (var claim in joined)
        {
            if (known.Contains(claim))
            {
                claim.Delivery.Reached(now, running.LastNumber);
            }
            else if (!claim.DidNothing && claim.HasLeft && !call.IsCopyOfOneThatMet(claim))
            {
                claim.Delivery.Owe(now);
            }

            if (claim.IsSettled)
            {
                ended.Add(claim);
            }
        }

        // It may also have kept from its end what it never met.
        foreach (var wish in call.Wishes)
        {
            foreach (var held in claims.Of(wish.Name))
            {
                if (held.IsSettled && call.Means(held) && !ended.Contains(held))
                {
                    ended.Add(held);
                }
            }
        }

        foreach (var claim in ended)
        {
            retention.Free(claim, now);
        }

        if (isAnswered)
        {
            answered.Note(call, now);
        }
        else if (!call.IsSendsOwn)
        {
            // What a handler above has queued may come yet.
            answered.Forget(call);
        }

        return ended;
    }

    private ApplicationCall Hold(ApplicationCall call)
    {
        retention.FreeBefore(call);
        running.Add(call);
        return call;
    }
}
