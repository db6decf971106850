namespace ExchangeResilience;

/// <summary>Claims the items of a batch, all of them or none: a batch that may not leave whole is refused before anything of it has.</summary>
internal sealed class BatchClaims(Call call, IReadOnlyList<BatchEntry> entries, ClaimLifecycle lifecycle)
{
    // Made where one is needed: most batches leave.
    private ClaimRefusals Refusals => new(call, lifecycle);

    /// <summary>Gives each item its claim, or the claim it joins.</summary>
    /// <exception cref="ExchangeErrorException">An item may not leave; nothing is claimed.</exception>
    public async Task TakeAsync()
    {
        try
        {
            while (await TryTakeAsync().ConfigureAwait(false) is { } another)
            {
                // Two batches that held their other claims meanwhile could wait for each other.
                if (!await lifecycle.EndsInTimeAsync(another.Claim, another.Entry.Operation).ConfigureAwait(false))
                {
                    throw await Refusals.OfBlockedAsync(another.Claim, another.Entry.Operation, another.Entry.ToString()).ConfigureAwait(false);
                }
            }
        }
        catch (ExchangeErrorException refusal)
        {
            throw await Refusals.OfBatchAsync(refusal, entries.Where(static entry => !entry.IsNewToJournal).Select(static entry => entry.Operation)).ConfigureAwait(false);
        }
    }

    /// <summary>Claims the items that this call had joined, and that the call which was to send them has given up. False where there are none.</summary>
    public async Task<bool> TakeUpAbandonedAsync()
    {
        var abandoned = entries.Where(static entry => entry.State == BatchEntryState.Abandoned).ToList();
        foreach (var entry in abandoned)
        {
            var grant = await lifecycle.TryClaimAsync(entry.Operation, [.. entries.Where(other => other != entry).Select(static other => other.Claim).OfType<Claim>()]).ConfigureAwait(false);
            switch (grant)
            {
                case { Answer: ClaimAnswer.Go }:
                    entry.Claim = grant.Claim;
                    entry.State = BatchEntryState.Ready;
                    break;
                case { Answer: ClaimAnswer.Join, Claim.Outcome.WasNeverSent: true }:
                    Refuse(entry, (await Refusals.OfNewAsync(LocalErrors.Abandoned, entry.Operation, entry.ToString(), grant.Claim).ConfigureAwait(false)).Error);
                    break;
                case { Answer: ClaimAnswer.Join, Claim.Outcome: { } verdict }:
                    entry.Claim = grant.Claim;
                    entry.Know(verdict);
                    break;
                case { Answer: ClaimAnswer.Join }:
                    entry.Claim = grant.Claim;
                    entry.State = BatchEntryState.Joined;
                    break;
                case { Answer: ClaimAnswer.Serialise } when await lifecycle.EndsInTimeAsync(grant.Claim!, entry.Operation).ConfigureAwait(false):
                    break;
                case { Answer: ClaimAnswer.Serialise }:
                    Refuse(entry, (await Refusals.OfBlockedAsync(grant.Claim!, entry.Operation, entry.ToString()).ConfigureAwait(false)).Error);
                    break;
                default:
                    Refuse(entry, (await Refusals.OfAsync(grant, entry.Operation, entry.ToString()).ConfigureAwait(false))?.Error ?? LocalErrors.ToError(LocalErrors.Abandoned));
                    break;
            }
        }

        return abandoned.Count > 0;
    }

    /// <summary>The journal has orders of this batch already: each is another by now, or its verdict is this item's.</summary>
    /// <exception cref="ExchangeErrorException">The id of one is taken.</exception>
    public async Task MeetAsync(JournalConflictException standing)
    {
        foreach (var (claim, order) in standing.Orders)
        {
            var entry = entries.Single(entry => entry.Claim == claim);
            (var meaning, entry.Claim) = await lifecycle.ResolveConflictAsync(claim, order).ConfigureAwait(false);
            switch (meaning)
            {
                case JournalConflict.IsAnother:
                    break;

                case JournalConflict.HasId or JournalConflict.IsUnclear or JournalConflict.IsOfUnknownAge:
                    entry.Claim = null;
                    var refusal = await Refusals.OfConflictAsync(meaning, entry.Operation, entry.ToString()).ConfigureAwait(false);
                    throw await Refusals.OfBatchAsync(refusal, entries.Select(static entry => entry.Operation)).ConfigureAwait(false);

                default:
                    entry.State = BatchEntryState.Joined;
                    break;
            }
        }
    }

    public void Refuse(BatchEntry entry, ExchangeError error)
    {
        ReleaseOwn(entry);
        if (error.Execution == ExecutionStatus.NotExecuted)
        {
            entry.Know(new Verdict(ExecutionStatus.NotExecuted, null, error, "it was never sent"));
        }
        else
        {
            entry.Forget(error);
        }
    }

    /// <summary>Waits for the verdicts on what was in flight already, and on what a copy of this batch has claimed again since, as long as the call lasts.</summary>
    public async Task JoinAsync()
    {
        foreach (var entry in entries.Where(entry => entry.State == BatchEntryState.Joined))
        {
            (var known, entry.Claim) = await lifecycle.AwaitAsync(entry.Claim!).ConfigureAwait(false);
            if (known is { WasNeverSent: true })
            {
                entry.Claim = null;
                entry.State = BatchEntryState.Abandoned;
                continue;
            }

            if (known is not null)
            {
                entry.Know(known);
                call.Report.Add(RecoveryStepKind.Evidence, $"{entry}: the same order was already in flight: {known.Execution}, {known.Evidence}");
                continue;
            }

            entry.State = BatchEntryState.Unknown;
            entry.Error = entry.Claim.LastError;
            call.Report.Add(RecoveryStepKind.Evidence, $"{entry}: the same order is still in doubt{(entry.Claim.Origin.CanAsk ? "; the search goes on in the background" : ", and without its key the exchange cannot be asked")}");
        }

        // Not for the call that may send it once more: that one may wait for this.
        while (ClaimedAgain().FirstOrDefault() is { Entry: { } entry, Claim: { } again })
        {
            GoOnWith(again, entry, await lifecycle.AwaitVerdictAsync(again).ConfigureAwait(false));
        }
    }

    /// <summary>
    /// The same message may have been sent again from above after this call had its items' verdicts, and an item that was proved absent sent again there: what
    /// was learned of it before is no longer the truth. False where it still is.
    /// </summary>
    public bool LookAgain()
    {
        var isNews = false;
        foreach (var (entry, again) in ClaimedAgain())
        {
            isNews = true;
            GoOnWith(again, entry, again.Outcome);
        }

        return isNews;
    }

    /// <summary>The call ends without reporting the outcome of its items.</summary>
    public void Abandon()
    {
        foreach (var entry in entries.Where(entry => entry is { Claim: not null, State: not (BatchEntryState.Joined or BatchEntryState.Known or BatchEntryState.Unknown) }))
        {
            lifecycle.Abandon(entry.Claim!);
        }
    }

    /// <summary>Null once every item has its claim; else the amendment that must end first, nothing being claimed.</summary>
    private async ValueTask<(BatchEntry Entry, Claim Claim)?> TryTakeAsync()
    {
        var met = new List<Claim>();
        (BatchEntry, Claim)? another = null;
        ExchangeErrorException? refusal = null;
        foreach (var entry in entries.Where(entry => entry.Operation.TargetId is not null))
        {
            var grant = await lifecycle.TryClaimAsync(entry.Operation, met).ConfigureAwait(false);
            var (answer, claim) = grant;
            if (claim is not null && met.Contains(claim))
            {
                refusal ??= lifecycle.Refused(LocalErrors.TwiceInBatch(entry.Operation.Kind, entry.ToString()), "refused before it was sent");
                continue;
            }

            entry.IsNewToJournal = answer is ClaimAnswer.Go or ClaimAnswer.Join or ClaimAnswer.TooManyInDoubt && claim is { IsNewToJournal: true };
            switch (answer)
            {
                case ClaimAnswer.Go or ClaimAnswer.Join:
                    met.Add(claim!);
                    entry.Claim = claim;
                    entry.State = answer == ClaimAnswer.Go ? BatchEntryState.Ready : BatchEntryState.Joined;
                    break;
                case ClaimAnswer.Serialise:
                    another ??= (entry, claim!);
                    break;
                default:
                    refusal ??= await Refusals.OfAsync(grant, entry.Operation, entry.ToString()).ConfigureAwait(false);
                    break;
            }
        }

        if (refusal is null && another is null)
        {
            return null;
        }

        foreach (var entry in entries)
        {
            ReleaseOwn(entry);
            entry.State = BatchEntryState.Ready;
        }

        return refusal is null ? another : throw refusal;
    }

    /// <summary>Items of which nothing had left, and that another sending has claimed since.</summary>
    private IEnumerable<(BatchEntry Entry, Claim Claim)> ClaimedAgain() =>
        from entry in entries
        where entry is { Claim: not null, State: BatchEntryState.Known, Execution: ExecutionStatus.NotExecuted }
        let latest = entry.Claim!.Latest
        where !latest.DidNothing
        select (entry, latest);

    private static void GoOnWith(Claim again, BatchEntry entry, Verdict? verdict)
    {
        if (verdict is null)
        {
            entry.Forget(again.LastError);
            return;
        }

        entry.Claim = again;
        entry.Know(verdict);
    }

    private void ReleaseOwn(BatchEntry entry)
    {
        if (entry is { State: BatchEntryState.Ready, Claim: { } claim })
        {
            lifecycle.Release(claim);
        }

        entry.Claim = null;
    }
}
