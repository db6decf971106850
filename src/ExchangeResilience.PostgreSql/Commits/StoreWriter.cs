using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>
/// Carries out calls in the order they came. Whatever has arrived while a commit was under way shares the next one: one exchange of messages, one transaction, one fsync. What must
/// be written though the store is away waits here until it is back.
/// </summary>
internal sealed class StoreWriter(Store store, StoreStatements statements, StoreCondition condition, string member)
{
    // Each needs a lock in the server's table, which has room for some thousands.
    private const int MostPerCommit = 128;

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
        if (call.NeedsStoreNow && condition.Fault is { } fault)
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
                _arrived.Give();
                return;
            }
        }

        call.Fail(StoreFailures.Closed());
    }

    /// <summary>Writes what was accepted, unless the store is away.</summary>
    public async Task CloseAsync()
    {
        Task? writing;
        lock (_lock)
        {
            _isClosed = true;
            writing = _writing;
            _arrived.Give();
        }

        condition.Dispose();
        await (writing ?? Task.CompletedTask).ConfigureAwait(false);
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
            await SufferAsync(batch, failure).ConfigureAwait(false);
            return;
        }

        // One of them cannot be written, which is no fault of the others'.
        foreach (var call in batch)
        {
            await CarryOutAsync([call]).ConfigureAwait(false);
        }
    }

    /// <summary>Tells those that cannot wait, and tries again with the others until the store is back.</summary>
    private async Task SufferAsync(List<StoreCall> batch, Exception failure)
    {
        var worded = StoreFailures.Of(failure, store.Options);
        if (StoreFailures.IsOfTheEntry(failure))
        {
            batch.ForEach(call => call.Fail(worded));
            return;
        }

        condition.Lost(worded.Message);
        var waiting = batch.FindAll(static call => !call.NeedsStoreNow);
        batch.FindAll(static call => call.NeedsStoreNow).ForEach(call => call.Fail(worded));
        for (var attempt = 0; ; attempt++)
        {
            FailWhatCannotWait(worded);
            if (!await condition.PauseAsync(attempt).ConfigureAwait(false))
            {
                // The program ends. What is not written stays in doubt, and its next holder asks the exchange.
                waiting.ForEach(call => call.Fail(worded));
                return;
            }

            // With nothing to write it is only asked whether it is there.
            var fault = await TryCommitAsync(waiting).ConfigureAwait(false);
            if (fault is null)
            {
                return;
            }

            worded = StoreFailures.Of(fault, store.Options);
            if (StoreFailures.IsOfTheEntry(fault))
            {
                await CarryOutAsync(waiting).ConfigureAwait(false);
                return;
            }

            condition.Lost(worded.Message);
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

    /// <summary>Null where the calls were carried out and told; otherwise nothing was written, as far as can be known.</summary>
    private async Task<Exception?> TryCommitAsync(List<StoreCall> calls)
    {
        try
        {
            await store.RunAsync(connection => CommitAsync(connection, calls), CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return failure;
        }

        Volatile.Write(ref _commits, _commits + 1);
        condition.Found();
        calls.FindAll(static call => !call.ComesAgain).ForEach(static call => call.Succeed());
        return null;
    }

    private async Task<bool> CommitAsync(NpgsqlConnection connection, List<StoreCall> calls)
    {
        // A batch is one transaction, ended by the server when the last of its commands is done.
        var batch = new NpgsqlBatch(connection) { Timeout = store.TimeoutSeconds };
        await using (batch.ConfigureAwait(false))
        {
            batch.BatchCommands.Add(statements.Begin([.. calls.SelectMany(static call => call.Locks)], member));
            foreach (var call in calls)
            {
                batch.BatchCommands.Add(call.ToCommand(statements));
            }

            await batch.PrepareAsync().ConfigureAwait(false);
            var reader = await batch.ExecuteReaderAsync().ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                foreach (var call in calls)
                {
                    await reader.NextResultAsync().ConfigureAwait(false);
                    await reader.ReadAsync().ConfigureAwait(false);
                    call.Read(reader);
                }

                // Until here the transaction may still fail.
                while (await reader.NextResultAsync().ConfigureAwait(false))
                {
                }

                return true;
            }
        }
    }
}
