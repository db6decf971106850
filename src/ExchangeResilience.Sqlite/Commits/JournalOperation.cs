using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Sqlite;

/// <summary>One call that waits for its commit.</summary>
internal abstract class JournalOperation
{
    /// <summary>No call waits any more, and nothing is lost if it is not carried out.</summary>
    public virtual bool IsPointless => false;

    /// <summary>It was carried out and has changed something, which says that the file takes orders.</summary>
    public abstract bool HasWritten { get; }

    /// <summary>Reads and writes, within a transaction. Its outcome is reported by <see cref="Succeed"/>, once the transaction is on the disk.</summary>
    public abstract void CarryOut(JournalTables tables, DateTimeOffset now);

    public abstract void Succeed();

    public abstract void Fail(JournalException failure);
}

/// <summary>One call that waits for its commit and for an answer. Cancellation ends the wait and nothing else.</summary>
internal abstract class JournalOperation<TResult> : JournalOperation
{
    // Callers go on elsewhere: the writer's thread is for writing.
    private readonly TaskCompletionSource<TResult> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _cancellation;
    private TResult? _result;
    private JournalException? _failure;

    protected JournalOperation(CancellationToken cancellationToken) => _cancellation = cancellationToken.UnsafeRegister(
        static (answer, token) => ((TaskCompletionSource<TResult>)answer!).TrySetCanceled(token), _answer);

    public ValueTask<TResult> Answer => new(_answer.Task);

    public sealed override bool HasWritten => _failure is null && !IsPointless && Wrote(_result!);

    protected bool IsCancelled => _answer.Task.IsCanceled;

    public sealed override void CarryOut(JournalTables tables, DateTimeOffset now)
    {
        try
        {
            (_result, _failure) = (Execute(tables, now), null);
        }
        catch (JournalException unreadable)
        {
            // Of what it had to read, before it wrote anything: no fault of the file's, nor of what shares the commit.
            _failure = unreadable;
        }
    }

    public sealed override void Succeed()
    {
        if (_failure is { } failure)
        {
            Fail(failure);
            return;
        }

        _cancellation.Unregister();
        _answer.TrySetResult(_result!);
    }

    public sealed override void Fail(JournalException failure)
    {
        _cancellation.Unregister();
        _answer.TrySetException(failure);
    }

    protected abstract TResult Execute(JournalTables tables, DateTimeOffset now);

    protected virtual bool Wrote(TResult result) => false;
}

internal sealed class OpenOperation(ILogger logger, CancellationToken cancellationToken) : JournalOperation<JournalContents>(cancellationToken)
{
    protected override JournalContents Execute(JournalTables tables, DateTimeOffset now) => tables.Contents(logger);
}

internal sealed class RecordOperation(StoredEntry entry, CancellationToken cancellationToken) : JournalOperation<JournalEntry?>(cancellationToken)
{
    // A call that waits no longer sends nothing, and an entry of what was never sent would only be doubted.
    public override bool IsPointless => IsCancelled;

    protected override JournalEntry? Execute(JournalTables tables, DateTimeOffset now) => tables.Record(entry, now);

    protected override bool Wrote(JournalEntry? result) => result is null;
}

internal sealed class FindOperation(JournalEntry entry, CancellationToken cancellationToken) : JournalOperation<JournalEntry?>(cancellationToken)
{
    public override bool IsPointless => IsCancelled;

    protected override JournalEntry? Execute(JournalTables tables, DateTimeOffset now) => tables.Find(entry, out _);
}

internal sealed class SettleOperation(StoredEntry entry, CancellationToken cancellationToken) : JournalOperation<bool>(cancellationToken)
{
    protected override bool Execute(JournalTables tables, DateTimeOffset now) => tables.Settle(entry, now);

    protected override bool Wrote(bool result) => result;
}

internal sealed class HoldOperation(JournalHold hold, CancellationToken cancellationToken) : JournalOperation<bool>(cancellationToken)
{
    protected override bool Execute(JournalTables tables, DateTimeOffset now)
    {
        tables.Hold(hold);
        return true;
    }

    protected override bool Wrote(bool result) => result;
}
