using System.Globalization;

namespace ExchangeResilience;

/// <summary>One item of a batch until it has its own outcome.</summary>
internal sealed class BatchEntry(BatchItem item, int number)
{
    public BatchItem Item { get; } = item;

    /// <summary>Its place in the batch, counted from 1.</summary>
    public int Number { get; } = number;

    public ExchangeOperation Operation => Item.Operation;

    public BatchEntryState State { get; set; }

    /// <summary>What it leaves under, or has joined; null for cancels, and for what names no order.</summary>
    public Claim? Claim { get; set; }

    /// <summary>The order that a cancel has met in flight; null where it has met none.</summary>
    public Claim? Place { get; set; }

    /// <summary>An attempt of it was not refused for certain, even if evidence has since shown it absent.</summary>
    public bool MayHaveWorked { get; set; }

    /// <summary>An earlier claim of this process was the first to write it down: no earlier run has sent it.</summary>
    public bool IsNewToJournal { get; set; }

    /// <summary>What was decided about the exchange's last reply on it, while it is pending.</summary>
    public Decision Decision { get; set; }

    /// <summary>The exchange's own reply on it, while it is pending.</summary>
    public ReplySnapshot? Reply { get; set; }

    /// <summary>Why it is pending, in doubt or unknown.</summary>
    public ExchangeError? Error { get; set; }

    public Verdict? Verdict { get; private set; }

    public ExecutionStatus Execution => Verdict?.Execution ?? ExecutionStatus.Unknown;

    public void Know(Verdict verdict)
    {
        Verdict = verdict;
        State = BatchEntryState.Known;
    }

    /// <summary>What was known of it holds no longer.</summary>
    public void Forget(ExchangeError? error)
    {
        Verdict = null;
        Error = error;
        State = BatchEntryState.Unknown;
    }

    /// <summary>Its place in the batch, counted from 1, and what it names.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"item {Number}{(Operation.TargetId is { } id ? $" ({id})" : "")}");
}
