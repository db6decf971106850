namespace ExchangeResilience;

/// <summary>How long a settled claim answers repeats, and when its memory is freed. Guarded by the table's lock.</summary>
internal sealed class ClaimRetention(TimeProvider time, ClaimIndex claims, RunningCalls calls, EndedOrders ended, AnsweredWishes answered)
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(1);

    private long _sweptAt = time.GetTimestamp();

    /// <summary>Its verdict answers no call that begins from now on, so that an equal order is a new one.</summary>
    public bool IsFree(Claim claim, long now) => claim.Outcome is { Execution: ExecutionStatus.Executed } && !calls.Hold(claim) && claim.Delivery.IsOver(time, now);

    /// <summary>Frees the claim if nothing needs it any more.</summary>
    public void Free(Claim claim, long now)
    {
        if (IsFinished(claim, now))
        {
            claims.Remove(claim);
            ended.NoteEnded(claim, now);
        }
    }

    /// <summary>Frees what was over before a call that wants the same begins to hold it.</summary>
    public void FreeBefore(ApplicationCall call)
    {
        var now = time.GetTimestamp();
        foreach (var wish in call.Wishes)
        {
            var named = claims.Of(wish.Name);
            for (var last = named.Count - 1; last >= 0; last--)
            {
                Free(named[last], now);
            }
        }
    }

    public void Sweep()
    {
        var now = time.GetTimestamp();
        if (time.GetElapsedTime(_sweptAt, now) < SweepInterval)
        {
            return;
        }

        _sweptAt = now;
        foreach (var claim in claims.Settled.ToList())
        {
            Free(claim, now);
        }

        ended.Sweep(now);
        answered.Sweep(now);
    }

    private bool IsFinished(Claim claim, long now) => claim.IsSettled && !claim.CancelWanted
        && (claim.DidNothing ? claim.RechecksLeft <= 0 && !calls.MayHold(claim) && (claim.Successor is not null || claim.Delivery.IsQuiet(time, now)) : !calls.AreUnread(upTo: claim.Delivery.ReachedBy) && IsFree(claim, now));
}
