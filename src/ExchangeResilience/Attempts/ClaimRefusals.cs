namespace ExchangeResilience;

/// <summary>Why an order may not leave, and what is known of it all the same: what an earlier run, or another process, may have made of it is never denied.</summary>
internal sealed class ClaimRefusals(Call call, ClaimLifecycle lifecycle)
{
    /// <summary>Why a request may not leave; null where it may, or another must be waited for.</summary>
    public async ValueTask<ExchangeErrorException?> OfAsync(ClaimGrant grant, ExchangeOperation operation, string what) => grant.Answer switch
    {
        ClaimAnswer.TwinInDoubt => lifecycle.Refusal(LocalErrors.TwinInDoubt, $"{what} is equal to {grant.Claim!.Key.Id}"),
        ClaimAnswer.TooManyInDoubt => await OfNewAsync(LocalErrors.TooManyInDoubt, operation, what, grant.Claim).ConfigureAwait(false),
        ClaimAnswer.OtherRequest => await OfNewAsync(LocalErrors.OtherRequestHasId, operation, what).ConfigureAwait(false),
        ClaimAnswer.AccountUnclear => lifecycle.Refusal(LocalErrors.AccountUnclear, what),
        ClaimAnswer.Overtaken => await OfNewAsync(LocalErrors.Overtaken, operation, what).ConfigureAwait(false),
        ClaimAnswer.TooLate => await OfNewAsync(LocalErrors.Abandoned, operation, what).ConfigureAwait(false),
        _ => null,
    };

    /// <summary>
    /// Why a new order may not leave. Where neither an earlier call of this process, under the same order's claim, nor the journal has shown that it is new, what an
    /// earlier run made of it is unknown.
    /// </summary>
    public async ValueTask<ExchangeErrorException> OfNewAsync(ErrorDefinition definition, ExchangeOperation operation, string what, Claim? earlier = null)
    {
        var error = LocalErrors.ToError(definition, message: what);
        var isNew = !call.ReadsJournal || earlier is { IsNewToJournal: true } || await AreNewAsync([operation]).ConfigureAwait(false);
        return lifecycle.Refused(isNew ? error : LocalErrors.MayBeAnEarlierRuns(error), "refused before it was sent");
    }

    /// <summary>Why an order may not leave while another is under way. An amendment to the same price and quantity, which names its order in another way, may be the same.</summary>
    public async ValueTask<ExchangeErrorException> OfBlockedAsync(Claim underWay, ExchangeOperation operation, string what)
    {
        var refusal = await OfNewAsync(underWay.Key.Kind == OperationKind.Amend ? LocalErrors.AmendmentUnderWay : LocalErrors.CancelledInDoubt, operation, what).ConfigureAwait(false);
        var mayBeTheSame = operation.Kind == OperationKind.Amend && underWay.Operation.Terms == operation.Terms;
        return mayBeTheSame ? lifecycle.Refused(refusal.Error with { Execution = ExecutionStatus.Unknown }, "refused before it was sent") : refusal;
    }

    /// <summary>Why nothing of a batch may leave. What an earlier run made of any of its orders is not denied.</summary>
    public async ValueTask<ExchangeErrorException> OfBatchAsync(ExchangeErrorException refusal, IEnumerable<ExchangeOperation> operations)
    {
        if (call.ReadsJournal && refusal.Error.Execution == ExecutionStatus.NotExecuted
            && !await AreNewAsync(operations.Where(static operation => operation.TargetId is not null)).ConfigureAwait(false))
        {
            return lifecycle.Refused(LocalErrors.MayBeAnEarlierRuns(refusal.Error), "refused before it was sent");
        }

        return refusal;
    }

    /// <summary>Why an order may not leave beside what the journal has under its name.</summary>
    public async ValueTask<ExchangeErrorException> OfConflictAsync(JournalConflict standing, ExchangeOperation operation, string what) => standing switch
    {
        JournalConflict.HasId => await OfNewAsync(LocalErrors.OtherRequestHasId, operation, what).ConfigureAwait(false),
        JournalConflict.IsUnclear => lifecycle.Refusal(LocalErrors.AccountUnclear, what),
        _ => lifecycle.Refusal(LocalErrors.RepeatUnclear, what),
    };

    /// <summary>Whether the journal shows that no earlier run, nor another process, has sent any of these orders. False where it cannot be read.</summary>
    private async ValueTask<bool> AreNewAsync(IEnumerable<ExchangeOperation> operations)
    {
        List<Claim> asked = [.. operations.Select(operation => new Claim(operation, call.Client.OriginOf(call.Route)) { Since = call.Client.Services.Time.GetUtcNow() })];
        while (true)
        {
            try
            {
                return await lifecycle.AskJournalAsync(asked).ConfigureAwait(false);
            }
            catch (JournalConflictException standing)
            {
                foreach (var (claim, entry) in standing.Orders)
                {
                    if (claim.Superseded.Contains(entry.Id, StringComparer.Ordinal) || lifecycle.MeaningOf(entry, claim) is not (JournalConflict.IsAnother or JournalConflict.HasId))
                    {
                        return false;
                    }

                    claim.Superseded = [.. claim.Superseded, entry.Id];
                }
            }
            catch (OperationCanceledException cancelled)
            {
                throw call.Cancelled(ExecutionStatus.Unknown, cancelled);
            }
        }
    }
}
