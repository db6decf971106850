namespace ExchangeResilience;

/// <summary>How a claim comes into doubt, and how it ends. Guarded by the table's lock.</summary>
internal sealed class ClaimSettlement(TimeProvider time, ClaimIndex claims, ClaimRetention retention, ReusedNames anew)
{
    public bool MarkInDoubt(Claim claim, ExchangeError error, ReplySnapshot? reply)
    {
        if (!claim.MarkInDoubt(error, reply))
        {
            return false;
        }

        claims.NoteDoubt();
        claim.Delivery.MarkTroubled();
        claim.DoubtedAt = time.GetTimestamp();
        claim.Trail.Add(time.GetUtcNow(), $"in doubt after {error}");
        return true;
    }

    public void Adopt(Claim claim, JournalEntry entry)
    {
        claim.DoubtedAt = claim.SentAt = time.GetTimestamp();
        claim.Delivery.MarkTroubled();
        claim.Adopt(entry, LocalErrors.ToError(LocalErrors.EarlierRun));
        claims.NoteDoubt();
    }

    public bool TrySettle(Claim claim, Verdict verdict, int rechecks, long atMs)
    {
        if (claim.IsSettled)
        {
            return false;
        }

        claim.SettledAt = time.GetUtcNow();
        claim.SettledAtMs = atMs;
        claim.Delivery.SettledAt = time.GetTimestamp();
        claim.RechecksLeft = Math.Max(0, claim.RechecksLeft) + rechecks;
        claim.TrySettle(verdict, out var wasInDoubt);
        if (wasInDoubt)
        {
            claims.NoteDoubtEnded();
            claim.Trail.Add(time.GetUtcNow(), $"{verdict.Execution}: {verdict.Evidence}");
        }

        if (verdict.Execution == ExecutionStatus.Executed)
        {
            ExcludeFromOthers(claim);
            if (claim.Number > 0)
            {
                anew.Note(claim.Key, claim.Origin.Account, claim.Number, atMs);
            }
        }

        claims.NoteSettled(claim);
        retention.Free(claim, claim.Delivery.SettledAt);
        return true;
    }

    /// <summary>Another account's order under the same name is not this one, whatever event or reply shows it.</summary>
    private void ExcludeFromOthers(Claim executed)
    {
        if (executed.Key.Kind != OperationKind.Place || claims.Of(executed.Key) is not { Count: > 1 } named || executed.OrderId is not { } order)
        {
            return;
        }

        foreach (var other in named)
        {
            if (other.Origin.Account.Compare(executed.Origin.Account) == SameAccount.No && !other.OlderOrders.Contains(order, StringComparer.Ordinal))
            {
                other.OlderOrders = [.. other.OlderOrders, order];
            }
        }
    }

    /// <summary>Settles a claim by the journal's verdict, which is as old as it was.</summary>
    public void SettleBy(JournalEntry entry, Claim claim)
    {
        claim.TakeOver(entry);
        claim.TrySettle(JournalRules.VerdictOf(entry), out _);
        claim.SettledAt = entry.SettledAt ?? entry.CreatedAt;
        claim.SettledAtMs = entry.SettledAtMs;
        claim.Delivery.SettledAt = time.GetTimestamp();
    }

    /// <summary>What was believed absent took effect: a separate claim holds that, and answers repeats from now on. Null where there is a successor already.</summary>
    public Claim? Correct(Claim claim, Verdict truth)
    {
        if (claim.Successor is not null)
        {
            return null;
        }

        var now = time.GetTimestamp();
        var found = new Claim(claim.Operation, claim.Origin) { Since = claim.Since, Number = claim.Number, AskedBy = claim.AskedBy, OvertakenBy = claim.OvertakenBy, SettledAt = time.GetUtcNow(), IsCorrection = true };
        found.Delivery.Retention = claim.Delivery.Retention;
        found.Delivery.SettledAt = now;
        found.Delivery.Owe(now);
        foreach (var window in claim.Attempts.Windows ?? [])
        {
            found.Attempts.Add(window);
        }

        found.TrySettle(truth, out _);
        claim.Successor = found;
        claims.Add(found);
        claims.NoteSettled(found);
        if (claim.Cancel is { } cancel)
        {
            found.KeepCancel(cancel.Number);
        }

        return found;
    }
}
