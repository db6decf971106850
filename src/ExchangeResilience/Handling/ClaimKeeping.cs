namespace ExchangeResilience;

/// <summary>What a call does with the claims it leaves under, and with those it meets.</summary>
internal sealed class ClaimKeeping(Call call)
{
    private readonly ExchangeState _state = call.Client.State;

    /// <summary>The application's call is over, and this send of its message comes too late to be told of.</summary>
    public bool ComesTooLate => _state.Hearing.Value is { IsOver: true };

    public ClaimKey KeyOf(ExchangeOperation operation) =>
        new(call.Route.Environment, call.Route.Account, operation.Symbol ?? "", operation.Kind, operation.TargetId!);

    /// <summary>The owner has a verdict. The claim stands until that is heard.</summary>
    public void Settle(Claim claim, Verdict verdict)
    {
        _state.Claims.Settle(claim, verdict);
        Hear(claim);
        _state.Reconciler.ApplyKeptCancel(claim);
    }

    /// <summary>A verdict is on its way up. It has arrived when the outermost handler has it; where there is none, unless this call was cancelled.</summary>
    public void Hear(Claim claim)
    {
        if (_state.Hearing.Value is { } hearing)
        {
            hearing.Add(claim);
        }
        else if (call.CancellationToken.IsCancellationRequested)
        {
            _state.Claims.KeepUnheard(claim);
        }
        else
        {
            _state.Claims.End(claim);
        }
    }

    /// <summary>A verdict was asked for and not told: whoever asks again is given it, and the time in which a repeat is expected begins anew.</summary>
    public void NotTold(Claim claim)
    {
        if (claim.State == ClaimState.Settled)
        {
            _state.Claims.KeepUnheard(claim);
        }
    }

    /// <summary>Nothing left, so there is nothing to hear.</summary>
    public void Release(Claim claim)
    {
        _state.Claims.Settle(claim, new Verdict(ExecutionStatus.NotExecuted, null, LocalErrors.ToError(LocalErrors.Abandoned), "it was never sent"));
        _state.Claims.End(claim);
    }

    /// <summary>The search for truth starts, where it has not yet.</summary>
    public void Search(Claim claim, ExchangeError error, ReplySnapshot? reply)
    {
        if (_state.Claims.MarkInDoubt(claim, error, reply))
        {
            _state.Reconciler.Search(claim, call.Options.Reconciliation);
        }
    }

    /// <summary>The search for truth starts, or goes on, without us.</summary>
    public void Doubt(Claim claim, ExchangeError error)
    {
        Search(claim, error, reply: null);
        _state.Claims.OwnerLeaves(claim);
    }

    /// <summary>This call ends without a verdict of its own. What may have left must not be free to be sent again.</summary>
    public void Abandon(Claim claim)
    {
        if (call.MayHaveLeft)
        {
            Doubt(claim, LocalErrors.ConnectionLost());
        }
        else
        {
            Release(claim);
        }
    }

    /// <summary>Takes over what the journal has of the order, and what that means to this call.</summary>
    public StandingOrder Meet(Claim claim, JournalEntry entry)
    {
        var standing = JournalRules.Meet(entry, claim, call.Options.Reconciliation, _state.Time.GetUtcNow());
        switch (standing)
        {
            case StandingOrder.IsAnother:
                claim.Unwrite();
                claim.Supersedes = entry.Id;
                break;

            case StandingOrder.HasId:
                claim.Unwrite();
                Release(claim);
                break;

            case StandingOrder.HasVerdict:
                _state.Claims.Answer(claim, entry);
                _state.Reconciler.ApplyKeptCancel(claim);
                break;

            default:
                _state.Claims.Adopt(claim, entry);
                if (_state.Journal.IsHeldElsewhere(entry))
                {
                    _state.Reconciler.LeaveToHolder(claim, _state.Journal.HolderOf(entry));
                }
                else
                {
                    _state.Reconciler.Search(claim, call.Options.Reconciliation);
                }

                break;
        }

        return standing;
    }

    /// <summary>Whether a claim that stands in the way ends while this call may still send.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="isOfAnother">Nothing that this call asks for has left; else part of it has, by an earlier call.</param>
    public async Task<bool> EndsInTimeAsync(Claim claim, bool isOfAnother = true)
    {
        try
        {
            await claim.Verdict.WaitAsync(call.SendLeft, _state.Time, call.CancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        catch (OperationCanceledException cancelled)
        {
            throw ExchangeErrorHandler.Cancelled(call, isOfAnother ? ExecutionStatus.NotExecuted : ExecutionStatus.Unknown, cancelled);
        }
    }

    public ExchangeErrorException Refusal(ErrorDefinition definition, string message) => Thrown(LocalErrors.ToError(definition, message: message), "refused before it was sent");

    public ExchangeErrorException Thrown(ExchangeError error, string story)
    {
        call.Report.Add(RecoveryStepKind.Ended, story);
        return new ExchangeErrorException(ExchangeErrorException.Describe(error), error, call.Report.Build(call, error.Execution));
    }
}
