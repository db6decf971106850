namespace ExchangeResilience;

/// <summary>Claims the items of a batch, all of them or none: a batch that may not leave whole is refused before anything of it has.</summary>
internal sealed class BatchClaims(Call call, IReadOnlyList<BatchEntry> entries)
{
    private readonly ExchangeServices _services = call.Client.Services;
    private readonly ClaimLifecycle _lifecycle = new(call);

    /// <summary>Gives each item its claim, or the claim it joins.</summary>
    /// <exception cref="ExchangeErrorException">An item may not leave; nothing is claimed.</exception>
    public async Task TakeAsync()
    {
        while (await TryTakeAsync().ConfigureAwait(false) is { } another)
        {
            // Two batches that held their other claims meanwhile could wait for each other.
            if (!await _lifecycle.EndsInTimeAsync(another.Claim).ConfigureAwait(false))
            {
                var (operation, what) = (another.Entry.Operation, another.Entry.ToString());
                throw operation.Kind == OperationKind.Amend
                    ? await _lifecycle.RefusalOfAmendAsync(another.Claim, operation, what).ConfigureAwait(false)
                    : await _lifecycle.RefusalOfNewAsync(LocalErrors.CancelledInDoubt, operation, what).ConfigureAwait(false);
            }
        }
    }

    /// <summary>The journal has orders of this batch already: each is another by now, or its verdict is this item's.</summary>
    /// <exception cref="ExchangeErrorException">The id of one is taken.</exception>
    public async Task MeetAsync(JournalConflictException standing)
    {
        foreach (var (claim, order) in standing.Orders)
        {
            var entry = entries.Single(entry => entry.Claim == claim);
            (var meaning, entry.Claim) = await _lifecycle.ResolveConflictAsync(claim, order).ConfigureAwait(false);
            switch (meaning)
            {
                case JournalConflict.IsAnother:
                    break;

                case JournalConflict.HasId or JournalConflict.IsUnclear or JournalConflict.IsOfUnknownAge:
                    entry.Claim = null;
                    throw _lifecycle.Refusal(ClaimLifecycle.WhyNot(meaning), entry.ToString());

                default:
                    entry.State = BatchEntryState.Joined;
                    break;
            }
        }
    }

    /// <summary>Part of a batch that the caller has signed cannot be sent.</summary>
    public void Refuse(BatchEntry entry)
    {
        ReleaseOwn(entry);
        entry.Know(new Verdict(ExecutionStatus.NotExecuted, null, LocalErrors.ToError(LocalErrors.BatchNotDivisible), "it was never sent"));
    }

    /// <summary>This process did not send it, and the journal does not show whether an earlier run did.</summary>
    public void Leave(BatchEntry entry, ExchangeError error)
    {
        ReleaseOwn(entry);
        entry.Forget(error);
    }

    /// <summary>Waits for the verdicts on what was in flight already, as long as the call lasts.</summary>
    public async Task JoinAsync()
    {
        foreach (var entry in entries.Where(entry => entry.State == BatchEntryState.Joined))
        {
            (var known, entry.Claim) = await _lifecycle.AwaitAsync(entry.Claim!).ConfigureAwait(false);
            if (known is { } verdict)
            {
                entry.Know(verdict);
                call.Report.Add(RecoveryStepKind.Evidence, $"{entry}: the same order was already in flight: {verdict.Execution}, {verdict.Evidence}");
                continue;
            }

            entry.State = BatchEntryState.Unknown;
            entry.Error = entry.Claim.LastError;
            call.Report.Add(RecoveryStepKind.Evidence, $"{entry}: the same order is still in doubt{(entry.Claim.Origin.CanAsk ? "; the search goes on in the background" : ", and without its key the exchange cannot be asked")}");
        }
    }

    /// <summary>
    /// The same message may have been sent again from above while this call waited for its other items, and an item that was proved absent sent again there: what
    /// was learned of it before is no longer the truth. False where it still is.
    /// </summary>
    public bool LookAgain()
    {
        var isNews = false;
        foreach (var entry in entries.Where(static entry => entry is { Claim: not null, State: BatchEntryState.Known, Execution: ExecutionStatus.NotExecuted }))
        {
            var successor = entry.Claim!.Latest;
            if (successor.DidNothing)
            {
                continue;
            }

            isNews = true;
            if (successor.Outcome is { } verdict)
            {
                entry.Claim = successor;
                entry.Know(verdict);
            }
            else
            {
                entry.Forget(successor.LastError);
            }
        }

        return isNews;
    }

    /// <summary>The call ends without reporting the outcome of its items.</summary>
    public void Abandon()
    {
        foreach (var entry in entries.Where(entry => entry is { Claim: not null, State: not (BatchEntryState.Joined or BatchEntryState.Known or BatchEntryState.Unknown) }))
        {
            _lifecycle.Abandon(entry.Claim!);
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
            var grant = await _lifecycle.TryClaimAsync(entry.Operation, met).ConfigureAwait(false);
            var (answer, claim) = grant;
            if (claim is not null && met.Contains(claim))
            {
                refusal ??= _lifecycle.Refusal(entry.Operation.Kind == OperationKind.Amend ? LocalErrors.AmendmentUnderWay : LocalErrors.OtherRequestHasId, $"{entry}, like another item of the batch");
                continue;
            }

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
                    refusal ??= await _lifecycle.RefusalOfAsync(grant, entry.Operation, entry.ToString()).ConfigureAwait(false);
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

    private void ReleaseOwn(BatchEntry entry)
    {
        if (entry is { State: BatchEntryState.Ready, Claim: { } claim })
        {
            _lifecycle.Release(claim);
        }

        entry.Claim = null;
    }
}
