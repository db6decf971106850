using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience.Sqlite;

/// <summary>
/// Carries out what has arrived together in one transaction, and reports nothing before it is on the disk. Where that fails, each operation is tried alone, so that it gets the error of
/// its own failure only. Belongs to one thread.
/// </summary>
internal sealed class GroupCommit(JournalFile file, TimeSpan retention, TimeProvider time, ILogger logger)
{
    // Faster than entries can arrive, and not so much that an order waits for it.
    private const int TrimmedPerOperation = 2;
    private const int TrimmedAtLeast = 16;

    // On a disk that is nearly full one entry finds room and the next does not: that is one trouble, not many.
    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(1);

    private readonly JournalOperation[] _alone = new JournalOperation[1];
    private long _commits;
    private bool _isFailing;
    private long _failedAt;

    /// <summary>How many transactions have been committed.</summary>
    public long Commits => Volatile.Read(ref _commits);

    public void Run(ReadOnlySpan<JournalOperation> operations)
    {
        if (TryCommit(operations, trims: true, out var failure, out var isHopeless))
        {
            return;
        }

        foreach (var operation in operations)
        {
            _alone[0] = operation;
            if (isHopeless || !TryCommit(_alone, trims: false, out failure, out isHopeless))
            {
                operation.Fail(failure!);
            }
        }
    }

    /// <summary>False where nothing was written, and nothing has been reported. It is hopeless where the file could not even be read.</summary>
    private bool TryCommit(ReadOnlySpan<JournalOperation> operations, bool trims, out JournalException? failure, out bool isHopeless)
    {
        isHopeless = true;
        try
        {
            var tables = file.Begin();
            isHopeless = false;
            var now = time.GetUtcNow();
            foreach (var operation in operations)
            {
                if (!operation.IsPointless)
                {
                    operation.CarryOut(tables, now);
                }
            }

            // In the same transaction, since one of its own would cost an fsync.
            if (trims)
            {
                tables.Trim(now - retention, Math.Max(TrimmedAtLeast, operations.Length * TrimmedPerOperation));
            }

            file.Commit();
            failure = null;
        }
        catch (Exception cause) when (cause is not OutOfMemoryException)
        {
            failure = cause switch
            {
                JournalException worded => worded,
                SqliteException refused => file.Translate(refused),
                _ => file.Unforeseen(cause),
            };
            file.Abandon(failure);
            Report(failure);
            return false;
        }

        Volatile.Write(ref _commits, _commits + 1);
        var hasWritten = false;
        foreach (var operation in operations)
        {
            hasWritten |= operation.HasWritten;
            operation.Succeed();
        }

        if (hasWritten)
        {
            ReportRecovery();
        }

        return true;
    }

    // Once, however many orders are refused meanwhile: each of their callers gets the reason as well.
    private void Report(JournalException failure)
    {
        _failedAt = time.GetTimestamp();
        if (!_isFailing)
        {
            _isFailing = true;
            JournalLog.Failed(logger, failure.Message);
        }
    }

    private void ReportRecovery()
    {
        if (_isFailing && time.GetElapsedTime(_failedAt) >= Calm)
        {
            _isFailing = false;
            JournalLog.WorksAgain(logger);
        }
    }
}
