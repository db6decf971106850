using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>
/// Carries out calls in the order they came. All that arrives during a commit shares the next one: one round trip, one transaction, one fsync. What must
/// be written though the store is away waits here until it is back.
/// </summary>
internal sealed class StoreWriter(Store store, StoreStatements statements, StoreHealth health, FleetInbox inbox) : IAsyncDisposable
{
    // Each needs a lock in the server's table, which has room for some thousands.
    private const int MostPerCommit = 128;

    // A verdict goes with the next order, if there is one soon: no caller waits for it.
    private static readonly TimeSpan LongestCompany = TimeSpan.FromMilliseconds(100);

    private readonly StoreSession _session = new(store, StoredEntry.LockOf(store.Options.Schema, "writes", inbox.Member));
    private readonly Lock _lock = new();
    private readonly Signal _arrived = new();
    private readonly List<StoreCall> _calls = [];
    private Task? _writing;
    private long _commits;
    private bool _isClosed;

    /// <summary>How many transactions have been committed.</summary>
    public long Commits => Volatile.Read(ref _commits);

    public void Add(StoreCall call)
    {
        if (call.NeedsStoreNow && health.Fault is { } fault)
        {
            Start();
            call.Fail(StoreFailures.Away(fault));
            return;
        }

        lock (_lock)
        {
            if (!_isClosed)
            {
                _calls.Add(call);
                StartLocked();
                _arrived.Set();
                return;
            }
        }

        call.Fail(StoreFailures.Closed());
    }

    /// <summary>Writes what was accepted, unless the store is away.</summary>
    public async ValueTask DisposeAsync()
    {
        Task? writing;
        lock (_lock)
        {
            _isClosed = true;
            writing = _writing;
            _arrived.Set();
        }

        health.Dispose();
        await (writing ?? Task.CompletedTask).ConfigureAwait(false);
        await _session.DisposeAsync().ConfigureAwait(false);
    }

    private void Start()
    {
        lock (_lock)
        {
            StartLocked();
        }
    }

    private void StartLocked()
    {
        if (!_isClosed)
        {
            _writing ??= Task.Run(WriteAsync);
        }
    }

    private async Task WriteAsync()
    {
        var batch = new List<StoreCall>(MostPerCommit);
        while (true)
        {
            await WaitForCompanyAsync().ConfigureAwait(false);
            Take(batch);
            if (batch.Count > 0)
            {
                await CarryOutAsync(batch).ConfigureAwait(false);
                batch.Clear();
            }
            else if (IsClosed())
            {
                return;
            }
            else
            {
                await _arrived.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    // A commit is what the store has least of. A call that waits for one gets it at once.
    private async Task WaitForCompanyAsync()
    {
        if (HasNoReasonToWait())
        {
            return;
        }

        using var patience = new CancellationTokenSource(LongestCompany, TimeProvider.System);
        try
        {
            do
            {
                await _arrived.WaitAsync(patience.Token).ConfigureAwait(false);
            }
            while (!HasNoReasonToWait());
        }
        catch (OperationCanceledException)
        {
            // No company came.
        }
    }

    private bool HasNoReasonToWait()
    {
        lock (_lock)
        {
            return _isClosed || _calls.Count == 0 || _calls.Count >= MostPerCommit || _calls.Exists(static call => !call.MayWait);
        }
    }

    private bool IsClosed()
    {
        lock (_lock)
        {
            return _isClosed && _calls.Count == 0;
        }
    }

    // Nothing is carried out with a call that may come again which was made after it, about the same name.
    private void Take(List<StoreCall> batch)
    {
        var closed = new HashSet<long>();
        lock (_lock)
        {
            _calls.RemoveAll(call =>
            {
                if (batch.Count == MostPerCommit || closed.Contains(call.Locks[0]))
                {
                    return false;
                }

                if (!call.IsPointless)
                {
                    batch.Add(call);
                    if (call.MayComeAgain)
                    {
                        closed.Add(call.Locks[0]);
                    }
                }

                return true;
            });
        }
    }

    private async Task CarryOutAsync(List<StoreCall> batch)
    {
        Exception? failure;
        while ((failure = await TryCommitAsync(batch).ConfigureAwait(false)) is null)
        {
            batch = batch.FindAll(static call => call is { ComesAgain: true, IsPointless: false });
            if (batch.Count == 0)
            {
                return;
            }
        }

        if (!StoreFailures.IsOfTheEntry(failure) || batch.Count == 1)
        {
            await HandleFailureAsync(batch, failure).ConfigureAwait(false);
            return;
        }

        // One of them cannot be written, which is no fault of the others'.
        foreach (var call in batch)
        {
            await CarryOutAsync([call]).ConfigureAwait(false);
        }
    }

    /// <summary>Fails those that cannot wait, and tries again with the others until the store is back.</summary>
    private async Task HandleFailureAsync(List<StoreCall> batch, Exception failure)
    {
        var worded = StoreFailures.Of(failure, store.Options);
        if (StoreFailures.IsOfTheEntry(failure))
        {
            batch.ForEach(call => call.Fail(worded));
            return;
        }

        health.MarkUnavailable(StorePart.Writing, worded.Message);
        var waiting = batch.FindAll(static call => !call.NeedsStoreNow);
        batch.FindAll(static call => call.NeedsStoreNow).ForEach(call => call.Fail(worded));
        for (var attempt = 0; ; attempt++)
        {
            FailWhatCannotWait(worded);
            if (!await health.PauseAsync(attempt).ConfigureAwait(false))
            {
                // The program ends. What is not written stays in doubt, and its next holder looks it up at the exchange.
                waiting.ForEach(call => call.Fail(worded));
                return;
            }

            // With nothing to write it is checked whether an order could be written.
            var fault = await TryCommitAsync(waiting, isTrial: true).ConfigureAwait(false);
            if (fault is null)
            {
                return;
            }

            worded = StoreFailures.Of(fault, store.Options);
            if (StoreFailures.IsOfTheEntry(fault))
            {
                // The fault was one entry's; whether the store writes again is found out without it.
                await CarryOutAsync(waiting).ConfigureAwait(false);
                waiting = [];
                continue;
            }

            health.MarkUnavailable(StorePart.Writing, worded.Message);
        }
    }

    // They came between the loss and its being known.
    private void FailWhatCannotWait(JournalException worded)
    {
        List<StoreCall> refused;
        lock (_lock)
        {
            refused = _calls.FindAll(static call => call.NeedsStoreNow);
            _calls.RemoveAll(static call => call.NeedsStoreNow);
        }

        refused.ForEach(call => call.Fail(worded));
    }

    /// <summary>Null where the calls were carried out; otherwise nothing was written, as far as is known.</summary>
    private async Task<Exception?> TryCommitAsync(List<StoreCall> calls, bool isTrial = false)
    {
        try
        {
            await _session.RunAsync((connection, abandoned) => CommitAsync(connection, calls, isTrial, abandoned), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return failure;
        }

        Volatile.Write(ref _commits, _commits + 1);
        inbox.NothingIsUnderWay();
        health.MarkAvailable(StorePart.Writing);
        calls.FindAll(static call => !call.ComesAgain).ForEach(static call => call.Succeed());
        return null;
    }

    private async Task<bool> CommitAsync(NpgsqlConnection connection, List<StoreCall> calls, bool isTrial, CancellationToken abandoned)
    {
        // A batch is one transaction, ended by the server when the last of its commands is done.
        var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        await using (batch.ConfigureAwait(false))
        {
            batch.BatchCommands.Add(statements.Begin([.. calls.SelectMany(static call => call.Locks)], inbox.Member, _session.Number));
            foreach (var call in calls)
            {
                batch.BatchCommands.Add(call.ToCommand(statements));
            }

            if (isTrial)
            {
                batch.BatchCommands.Add(statements.TryWrite(inbox.Member));
            }

            await batch.PrepareAsync(abandoned).ConfigureAwait(false);
            var reader = await batch.ExecuteReaderAsync(abandoned).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                foreach (var call in calls)
                {
                    await reader.NextResultAsync(abandoned).ConfigureAwait(false);
                    await reader.ReadAsync(abandoned).ConfigureAwait(false);

                    // A call that has failed as the store was away must not read an answer after all.
                    abandoned.ThrowIfCancellationRequested();
                    call.Read(reader);
                }

                // Until here the transaction may still fail.
                while (await reader.NextResultAsync(abandoned).ConfigureAwait(false))
                {
                }

                return true;
            }
        }
    }
}
