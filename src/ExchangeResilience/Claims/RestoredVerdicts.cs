namespace ExchangeResilience;

/// <summary>
/// What earlier runs had the verdict of, and left unfinished. It blocks no call here: a call that sends the order again meets it in the journal, which keeps it
/// the earlier run's. Guarded by the table's lock.
/// </summary>
internal sealed class RestoredVerdicts(TimeProvider time, ClaimIndex claims, ClaimGranter granter, ClaimSettlement settlement)
{
    private readonly Dictionary<string, Claim> _byEntry = new(StringComparer.Ordinal);

    public int Count => _byEntry.Count;

    public IEnumerable<Claim> All => _byEntry.Values;

    /// <summary>Null where it was restored before.</summary>
    public Claim? Restore(ExchangeOperation operation, ClaimOrigin origin, JournalEntry entry)
    {
        if (_byEntry.ContainsKey(entry.Id))
        {
            return null;
        }

        var claim = new Claim(operation, origin) { Since = entry.CreatedAt, Run = entry.Run };
        settlement.SettleBy(entry, claim);
        if (entry.Heard)
        {
            claim.Delivery.Reached(time.GetTimestamp(), number: 0);
        }

        return _byEntry[entry.Id] = claim;
    }

    public Claim Answer(ApplicationCall call, Claim claim, JournalEntry entry)
    {
        if (!_byEntry.Remove(entry.Id, out var known))
        {
            settlement.SettleBy(entry, claim);
            claim.Delivery.MarkTroubled();
            claims.NoteSettled(claim);
            return claim;
        }

        // Two claims must not write one entry.
        known.Run = null;
        known.Delivery.MarkTroubled();
        claims.Replace(claim, known);
        claim.Unwrite();
        claim.Successor = known;
        claim.TrySettle(known.Outcome!, out _);
        granter.Join(call, known);
        claims.NoteSettled(known);
        return known;
    }

    /// <summary>A recheck or a kept cancel has ended; with the last of them the claim goes.</summary>
    public void FollowedUp(Claim claim)
    {
        if (claim is { RechecksLeft: <= 0, CancelWanted: false } && claim.EntryId is { } entry && _byEntry.GetValueOrDefault(entry) == claim)
        {
            _byEntry.Remove(entry);
        }
    }
}
