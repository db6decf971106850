using System.Globalization;

namespace ExchangeResilience;

/// <summary>What a call does with the claims it leaves under, and with those it meets.</summary>
internal sealed class ClaimLifecycle(Call call)
{
    private static readonly TimeSpan WaitForAnswer = TimeSpan.FromSeconds(1);

    private readonly ExchangeServices _services = call.Client.Services;

    /// <summary>Decides whether a request may leave. Where two accounts cannot be distinguished, the exchange is queried for their codes.</summary>
    public async ValueTask<ClaimGrant> TryClaimAsync(ExchangeOperation operation, IReadOnlyCollection<Claim>? met = null)
    {
        var origin = call.Client.OriginOf(call.Route);
        if (call.WritesAheadIfClaimed && origin.Account.Name is null)
        {
            // A later run, perhaps under another key, must know which account the entry belongs to. A name in the settings identifies it; else the exchange is queried for the account's code.
            await LearnAccountAsync(origin).ConfigureAwait(false);
        }

        var grant = TryClaim(operation, origin, met);
        if (grant is { Answer: ClaimAnswer.AccountUnclear, Claim: { } other })
        {
            await LearnAccountAsync(origin).ConfigureAwait(false);
            await LearnAccountAsync(other.Origin).ConfigureAwait(false);
            grant = TryClaim(operation, origin, met);
        }

        return grant;
    }

    /// <summary>A cancel does not overlook an order of its account that was sent under another key.</summary>
    public async ValueTask LearnOfPlacesAsync()
    {
        if (_services.Claims.UnclearPlaces(call.Application) is not { Count: > 0 } places)
        {
            return;
        }

        await LearnAccountAsync(call.Client.OriginOf(call.Route), WaitForAnswer).ConfigureAwait(false);
        foreach (var place in places.DistinctBy(static place => place.Origin.Account.Counted, StringComparer.Ordinal))
        {
            await LearnAccountAsync(place.Origin, WaitForAnswer).ConfigureAwait(false);
        }

        if (_services.Claims.UnclearPlaces(call.Application) is { Count: > 0 } unclear)
        {
            call.Report.Add(RecoveryStepKind.Evidence, string.Create(CultureInfo.InvariantCulture, $"{unclear.Count} orders are in flight whose account cannot be determined: name Account in the settings of each client, and cancel them again when they appear"));
        }
    }

    public ClaimGrant TryClaim(ExchangeOperation operation) => TryClaim(operation, call.Client.OriginOf(call.Route), met: null);

    private ClaimGrant TryClaim(ExchangeOperation operation, ClaimOrigin origin, IReadOnlyCollection<Claim>? met)
    {
        // The exchange would call absent what it does not know by that name.
        origin = operation.Seal is null ? origin : origin with { CanAsk = false };
        var grant = _services.Claims.TryClaim(call.Application, operation, origin, call.Options.Reconciliation, met);
        if (grant is { Answer: ClaimAnswer.Join, Claim: { } joined })
        {
            _services.Reconciler.AskThrough(joined, origin, call.Options.Reconciliation);
        }

        if (grant is { Answer: ClaimAnswer.Go, Claim: { } own } && call.Options.AfterProvenAbsent == AfterProvenAbsent.Resend)
        {
            own.Resender = call.Ended;
        }

        return grant;
    }

    /// <summary>
    /// What must wait, or is refused, before it was written down may be an order that an earlier run has sent: the journal is read. False where it cannot be.
    /// </summary>
    /// <exception cref="JournalConflictException">The journal holds one of the orders.</exception>
    public Task<bool> AskJournalAsync() => call.MayBeAnEarlierRuns ? AskJournalAsync(call.Claims) : Task.FromResult(true);

    /// <exception cref="JournalConflictException">The journal holds one of the orders.</exception>
    public async Task<bool> AskJournalAsync(IReadOnlyList<Claim> claims)
    {
        if (claims.Where(static claim => claim is { IsNewToJournal: false, Operation.IdIsGenerated: false }).ToList() is not { Count: > 0 } unasked)
        {
            return true;
        }

        // The journal gets as long as the order may still leave; a caller whose order may leave no more waits for a second at most.
        var within = call.SendLeft > WaitForAnswer ? call.SendLeft : TimeSpan.Min(WaitForAnswer, call.TotalLeft);
        try
        {
            var found = await Task.WhenAll(unasked.Select(claim => _services.Journal.FindAsync(claim, call.CancellationToken).AsTask()))
                .WaitAsync(within, _services.Time, call.CancellationToken).ConfigureAwait(false);
            JournalConflictException.ThrowIfAny(unasked, found);
            return true;
        }
        catch (Exception error) when (error is JournalException or TimeoutException)
        {
            return false;
        }
    }

    /// <summary>The call has a verdict. What was known of the order before it is the truth, whatever reply this call got.</summary>
    public Verdict Settle(Claim claim, Verdict verdict)
    {
        _services.Claims.TrySettle(claim, verdict, atMs: call.NowMs);
        _services.Reconciler.ApplyKeptCancel(claim);
        return claim.Outcome!;
    }

    /// <summary>Nothing of it took effect, and nothing will.</summary>
    public void Release(Claim claim) =>
        _services.Claims.TrySettle(claim, new Verdict(ExecutionStatus.NotExecuted, null, LocalErrors.ToError(LocalErrors.Abandoned), "it was never sent"));

    /// <summary>The search for truth starts, where it has not yet.</summary>
    public void MarkInDoubt(Claim claim, ExchangeError error, ReplySnapshot? reply = null)
    {
        if (_services.Claims.MarkInDoubt(claim, error, reply))
        {
            _services.Reconciler.Search(claim, call.Options.Reconciliation);
        }
    }

    /// <summary>This call ends without a verdict of its own. What may have worked must not be free to be sent again.</summary>
    public void Abandon(Claim claim)
    {
        if (claim.Attempts.MayHaveWorked)
        {
            MarkInDoubt(claim, LocalErrors.ConnectionLost());
        }
        else
        {
            Release(claim);
        }
    }

    /// <summary>Takes over what the journal has of an order of which nothing has left yet. Gives what that means to this call, and the claim that holds it from now on.</summary>
    public async ValueTask<(JournalConflict Standing, Claim Claim)> ResolveConflictAsync(Claim claim, JournalEntry entry)
    {
        JournalConflict standing;
        try
        {
            standing = await MeaningAsync(claim, entry).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled)
        {
            // The order in the journal may be the caller's.
            Abandon(claim);
            throw call.Cancelled(ExecutionStatus.Unknown, cancelled);
        }
        catch
        {
            Abandon(claim);
            throw;
        }

        switch (standing)
        {
            case JournalConflict.IsAnother:
                claim.Unwrite();
                claim.Superseded = [.. claim.Superseded, entry.Id];
                if (JournalRules.ExecutedOrderOf(entry) is { } older && claim.Origin.Account.Compare(AccountIdentity.Of(entry)) == SameAccount.Yes)
                {
                    claim.IsAfter(older);
                }

                break;

            case JournalConflict.HasId or JournalConflict.IsUnclear or JournalConflict.IsOfUnknownAge:
                claim.Unwrite();
                Release(claim);
                break;

            // From here on this call joins it, and would wait for itself.
            case JournalConflict.HasVerdict:
                claim.Resender = null;
                claim = _services.Claims.Answer(call.Application, claim, entry);
                _services.Reconciler.ApplyKeptCancel(claim);
                break;

            default:
                claim.Resender = null;
                _services.Claims.Adopt(claim, entry);
                if (_services.Journal.IsHeldElsewhere(entry))
                {
                    _services.Reconciler.LeaveToHolder(claim, _services.Journal.HolderOf(entry));
                }
                else
                {
                    _services.Reconciler.Search(claim, call.Options.Reconciliation);
                }

                break;
        }

        return (standing, claim);
    }

    private async ValueTask<JournalConflict> MeaningAsync(Claim claim, JournalEntry entry)
    {
        var sender = AccountIdentity.Of(entry);
        if (claim.Origin.Account.Compare(sender) == SameAccount.Unclear)
        {
            await LearnAccountAsync(claim.Origin).ConfigureAwait(false);
            if (sender.KeyHash is { } key && _services.ClientOf(key) is { } signer)
            {
                // The earlier run could not learn which account the key is of; this run signs with it too, and can.
                await LearnAccountAsync(claim.Origin with { ClientName = signer.Name, Host = entry.Host, CanAsk = true, Account = signer.Identity }).ConfigureAwait(false);
            }
        }

        var standing = MeaningOf(entry, claim);
        return standing == JournalConflict.HasVerdict
            && (await IsCancelledAsync(claim, entry).ConfigureAwait(false)
                || (claim.Key.Kind == OperationKind.Amend && await _services.Journal.WasPlacedSinceAsync(claim, entry, call.CancellationToken).ConfigureAwait(false)))
            ? JournalConflict.IsAnother
            : standing;
    }

    /// <summary>Whether a cancel of all took effect here after an earlier run's order was executed and its caller had the verdict, and the exchange shows that order as cancelled.</summary>
    private async Task<bool> IsCancelledAsync(Claim claim, JournalEntry entry)
    {
        if (entry is not { Heard: true, State: JournalState.Executed, Key.Kind: OperationKind.Place } || !claim.Origin.CanAsk
            || JournalRules.ExecutedBeforeMs(entry) is not { } executed || !_services.Claims.Names.MayBeNewOrder(call.Application, claim.Key, executed))
        {
            return false;
        }

        var asked = _services.Reconciler.Queries.OrderAsync(claim.Origin, claim.Operation, call.CancellationToken);
        return await call.EndsWithinAsync(asked, call.SendLeft).ConfigureAwait(false)
            && (await asked.ConfigureAwait(false)).Order is { Status: OrderStatuses.Canceled } order && EvidenceRules.Names(claim.Operation, order);
    }

    /// <summary>What an entry of the journal means to a claim of which nothing has left.</summary>
    public JournalConflict MeaningOf(JournalEntry entry, Claim claim) =>
        entry.State == JournalState.Executed && JournalRules.ExecutedBeforeMs(entry) is { } executed && _services.Claims.Names.IsNewOrder(call.Application, claim.Key, executed)
            && claim.Origin.Account.Compare(AccountIdentity.Of(entry)) == SameAccount.Yes ? JournalConflict.IsAnother
        : JournalRules.Meet(entry, claim, call.Options.Reconciliation, _services.Time.GetUtcNow(), call.NowMs is var now and > 0 ? now : null);

    /// <summary>The verdict on an order that is in flight already, as soon as it is known; null where the call's time is up, and at once where the order is in doubt and no client can look it up.</summary>
    public async Task<(Verdict? Verdict, Claim Claim)> AwaitAsync(Claim claim)
    {
        if (!claim.CanBeLookedUp)
        {
            return (await AwaitVerdictAsync(claim).ConfigureAwait(false), claim);
        }

        try
        {
            var last = await Resends.LastAsync(claim, known => known.WaitAsync(call.TotalLeft, _services.Time, call.CancellationToken)).ConfigureAwait(false);
            return (last.Outcome, last);
        }
        catch (TimeoutException)
        {
            return (null, claim.Latest);
        }
    }

    /// <summary>The verdict on an order that is in flight, whether or not its call sends it once more; null as above.</summary>
    public async Task<Verdict?> AwaitVerdictAsync(Claim claim) => await call.EndsWithinAsync(claim.Ending, call.TotalLeft).ConfigureAwait(false) ? claim.Outcome : null;

    /// <summary>
    /// Whether a claim that blocks an order ends while this call may still send. It does not wait for doubt that no client of the program can end. An amendment blocks the
    /// placing of another order as long as the exchange may take it.
    /// </summary>
    public async Task<bool> EndsInTimeAsync(Claim claim, ExchangeOperation blocked)
    {
        var left = call.SendLeft;
        try
        {
            if (blocked.Kind == OperationKind.Place && claim.Key.Kind == OperationKind.Amend && ClaimNeighbours.WindowLeftOf(claim, call.Client.Services.Time) is var window && window < left)
            {
                return await call.EndsWithinAsync(claim.Verdict, window).ConfigureAwait(false) || call.SendLeft > TimeSpan.Zero;
            }

            return await call.EndsWithinAsync(claim.Ending, left).ConfigureAwait(false) && claim.Verdict.IsCompleted;
        }
        catch (OperationCanceledException cancelled)
        {
            throw call.Cancelled(ExecutionStatus.NotExecuted, cancelled);
        }
    }

    public ExchangeErrorException Refusal(ErrorDefinition definition, string message) => Refused(LocalErrors.ToError(definition, message: message), "refused before it was sent");

    /// <summary>Nothing of the call has left, so that nothing of it is searched for, whatever is unknown.</summary>
    public ExchangeErrorException Refused(ExchangeError error, string story)
    {
        call.Report.Add(RecoveryStepKind.Ended, story);
        return new ExchangeErrorException(error, call.ReportOf(error.Execution, isSearched: false));
    }

    public ExchangeErrorException Thrown(ExchangeError error, string story)
    {
        call.Report.Add(RecoveryStepKind.Ended, story);
        return new ExchangeErrorException(call.WithoutPastWait(error), call.ReportOf(error.Execution));
    }

    /// <summary>What a verdict that another send found is to this call: an exception where it has no reply, or the settings ask for one.</summary>
    public CallResult ResultOf(Verdict verdict)
    {
        call.Report.Evidence = verdict.Evidence;
        call.Report.Add(RecoveryStepKind.Evidence, $"the same order was already in flight: {verdict.Execution}, {verdict.Evidence}");
        if (verdict.Reply is null || (verdict.Error is not null && call.Options.ThrowOnError))
        {
            var error = verdict.Error is { } known ? call.WithoutPastWait(known) : LocalErrors.ConnectionLost() with { Execution = verdict.Execution };
            return new CallResult(null, new ExchangeErrorException(error, call.ReportOf(verdict.Execution)), verdict.Execution, error, null);
        }

        var response = verdict.Reply.ToResponse(call.Request);
        var annotations = ResponseAnnotations.Of(response);
        annotations.Error = verdict.Error;
        annotations.Report = call.ReportOf(verdict.Execution);
        return new CallResult(response, null, verdict.Execution, verdict.Error, verdict.Reply.Body);
    }

    private async ValueTask<bool> LearnAccountAsync(ClaimOrigin origin, TimeSpan? within = null)
    {
        try
        {
            return await _services.Accounts.LearnAsync(origin, within ?? call.SendLeft / 2, call.CancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException cancelled)
        {
            throw call.Cancelled(ExecutionStatus.NotExecuted, cancelled);
        }
    }
}
