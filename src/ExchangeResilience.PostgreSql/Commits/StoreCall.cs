using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>One call that waits for its commit.</summary>
internal abstract class StoreCall
{
    /// <summary>What it writes about, its name first; no other transaction writes about that meanwhile.</summary>
    public abstract long[] Locks { get; }

    /// <summary>Whether it may have to be carried out once more, and what comes after it about the same name must wait for that.</summary>
    public virtual bool MayComeAgain => false;

    /// <summary>Carried out, it wrote nothing and has no answer: it knows more now, and is to be carried out again.</summary>
    public virtual bool ComesAgain => false;

    /// <summary>Whether it may be carried out with what comes a moment later.</summary>
    public virtual bool MayWait => false;

    /// <summary>Its caller has gone, and nothing is lost if it is not carried out.</summary>
    public virtual bool IsPointless => false;

    /// <summary>Whether it fails at once while the store is away; else it waits until the store is back.</summary>
    public abstract bool NeedsStoreNow { get; }

    public abstract NpgsqlBatchCommand ToCommand(StoreStatements statements);

    /// <summary>Reads its one row. The outcome is handed over by <see cref="Succeed"/>, once the transaction is on the disk.</summary>
    public abstract void Read(NpgsqlDataReader row);

    public abstract void Succeed();

    public abstract void Fail(JournalException failure);
}

/// <summary>One call that waits for its commit and for an answer. Cancellation ends the wait and nothing else.</summary>
internal abstract class StoreCall<TResult> : StoreCall
{
    // Callers go on elsewhere: the writer is for writing.
    private readonly TaskCompletionSource<TResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _cancellation;
    private JournalException? _unreadable;

    protected StoreCall(CancellationToken cancellationToken) => _cancellation = cancellationToken.UnsafeRegister(
        static (answer, token) => ((TaskCompletionSource<TResult>)answer!).TrySetCanceled(token), _answer);

    public ValueTask<TResult> Answer => new(_answer.Task);

    protected bool IsCancelled => _answer.Task.IsCanceled;

    protected TResult? Result { get; set; }

    public sealed override void Read(NpgsqlDataReader row)
    {
        (Result, _unreadable) = (default, null);
        try
        {
            ReadRow(row);
        }
        catch (JournalException unreadable)
        {
            // No fault of what shares the commit.
            _unreadable = unreadable;
        }
    }

    public sealed override void Succeed()
    {
        _cancellation.Unregister();
        if (_unreadable is { } unreadable)
        {
            _answer.TrySetException(unreadable);
            return;
        }

        Note();
        _answer.TrySetResult(Result!);
    }

    public override void Fail(JournalException failure)
    {
        _cancellation.Unregister();
        _answer.TrySetException(failure);
    }

    protected abstract void ReadRow(NpgsqlDataReader row);

    /// <summary>What this process remembers of the outcome, before the caller has it.</summary>
    protected virtual void Note()
    {
    }
}

internal sealed class RecordCall(StoredEntry stored, long fence, FleetInbox inbox, CancellationToken cancellationToken) : StoreCall<JournalEntry?>(cancellationToken)
{
    private bool _wasSent;
    private string[]? _judged;
    private bool _comesAgain;

    public override long[] Locks => stored.Locks;

    public override bool MayComeAgain => true;

    public override bool ComesAgain => _comesAgain;

    // A caller that has gone sends nothing, and an entry that was never sent would only be doubted.
    public override bool IsPointless => IsCancelled;

    public override bool NeedsStoreNow => true;

    public override NpgsqlBatchCommand ToCommand(StoreStatements statements)
    {
        _wasSent = true;
        return statements.Record(inbox.Member, fence, stored, _judged);
    }

    protected override void ReadRow(NpgsqlDataReader row)
    {
        // What was looked at counts for the one call that follows: repeated by itself, the call looks again for what blocks it.
        (_comesAgain, _judged) = (false, null);
        if (!row.IsDBNull(0))
        {
            Result = StoreReading.Entry(row.GetString(0));
        }
        else if (!row.IsDBNull(1))
        {
            Result = stored.Entry.FindInTheWay(row.GetFieldValue<string[]>(1).Select(StoreReading.Entry));
            _comesAgain = Result is null;
            _judged = _comesAgain ? row.GetFieldValue<string[]>(2) : null;
        }
    }

    protected override void Note() => inbox.Recorded(stored.Entry.Id, Result);

    public override void Fail(JournalException failure)
    {
        // The commit may have reached the disk all the same.
        if (_wasSent)
        {
            inbox.Doubt(stored.Entry.Id);
        }

        base.Fail(failure);
    }
}

/// <summary>It writes nothing, but takes its turn among those that do: what was written before it is seen.</summary>
internal sealed class FindCall(StoredEntry stored, FleetInbox inbox, CancellationToken cancellationToken) : StoreCall<JournalEntry?>(cancellationToken)
{
    public override long[] Locks => stored.Locks;

    public override bool IsPointless => IsCancelled;

    public override bool NeedsStoreNow => true;

    public override NpgsqlBatchCommand ToCommand(StoreStatements statements) => statements.Namesakes(inbox.Member, stored.Entry.Key);

    protected override void ReadRow(NpgsqlDataReader row) => Result = stored.Entry.FindInTheWay(row.GetFieldValue<string[]>(0).Select(StoreReading.Entry));

    protected override void Note() => inbox.Recorded(stored.Entry.Id, Result);
}

internal sealed class SettleCall(StoredEntry stored, long fence, FleetInbox inbox, CancellationToken cancellationToken) : StoreCall<bool>(cancellationToken)
{
    public override long[] Locks => stored.Locks;

    public override bool MayWait => true;

    public override bool NeedsStoreNow => false;

    public override NpgsqlBatchCommand ToCommand(StoreStatements statements) => statements.Settle(inbox.Member, fence, stored);

    protected override void ReadRow(NpgsqlDataReader row) => Result = row.GetBoolean(0);

    protected override void Note()
    {
        if (Result && stored.Entry.IsFinished)
        {
            inbox.Forget(stored.Entry.Id);
        }
    }
}

/// <summary>What is left of the hold is counted by a monotonic clock of this process; the store adds it to its own.</summary>
internal sealed class HoldCall(JournalHold hold, TimeSpan left, long @lock, string member, string name, TimeProvider time, CancellationToken cancellationToken) : StoreCall<bool>(cancellationToken)
{
    private readonly long _since = time.GetTimestamp();

    public override long[] Locks { get; } = [@lock];

    public override bool NeedsStoreNow => false;

    public override NpgsqlBatchCommand ToCommand(StoreStatements statements) => statements.Hold(hold, left - time.GetElapsedTime(_since), member, name);

    protected override void ReadRow(NpgsqlDataReader row) => Result = true;
}
