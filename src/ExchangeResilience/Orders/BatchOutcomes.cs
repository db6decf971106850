namespace ExchangeResilience;

/// <summary>What is known of each item of a batch, and what that means to its claim.</summary>
internal sealed class BatchOutcomes(Call call, IReadOnlyList<BatchEntry> entries, ClaimLifecycle lifecycle, CancelResolver cancels)
{
    private readonly List<Task> _keptCancels = [];

    /// <summary>Completes once every cancel that an item of unknown outcome has left behind is kept.</summary>
    public Task KeptCancels => Task.WhenAll(_keptCancels);

    public List<BatchEntry> In(BatchEntryState state) => [.. entries.Where(entry => entry.State == state)];

    /// <summary>An item may have taken effect, and its own reply does not show it.</summary>
    public void LoseSight(BatchEntry entry, ExchangeError error, ReplySnapshot? reply)
    {
        Note(entry, error.ToString());
        entry.Error = error;
        entry.MayHaveWorked = true;
        call.NoteUnresolved();
        if (entry.Claim is { } claim)
        {
            lifecycle.MarkInDoubt(claim, error, reply);
            entry.State = BatchEntryState.InDoubt;
        }
        else
        {
            _keptCancels.Add(cancels.KeepIfInDoubtAsync(entry.Operation));
            entry.State = BatchEntryState.Unknown;
        }
    }

    public void Know(BatchEntry entry, ExchangeError error)
    {
        if (error.Execution == ExecutionStatus.Unknown)
        {
            LoseSight(entry, error, entry.Reply);
        }
        else
        {
            Know(entry, new Verdict(error.Execution, entry.Reply, error, "its own reply"));
        }
    }

    public void Know(BatchEntry entry, Verdict verdict)
    {
        entry.Know(entry.Claim is { } claim ? lifecycle.Settle(claim, verdict) : verdict);
        if (entry is { Operation.Kind: OperationKind.Cancel, Execution: ExecutionStatus.Executed })
        {
            cancels.NoteCancelled(entry.Operation, entry.Verdict?.Reply?.Body);
            _keptCancels.Add(cancels.KeepForYoungerAsync(entry.Operation, entry.Verdict?.Reply?.Body));
        }
    }

    public void Note(BatchEntry entry, string story) => call.Report.Add(RecoveryStepKind.Evidence, $"{entry}: {story}");
}
