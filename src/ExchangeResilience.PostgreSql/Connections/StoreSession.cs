using System.Data;
using System.Transactions;
using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>
/// One session of the database, kept from one call to the next and set up so that nothing the database, the role or the program is set to by default changes what is guaranteed.
/// Calls take turns. Whatever takes longer than an order can wait ends with its connection.
/// </summary>
/// <param name="store">The database.</param>
/// <param name="ownLock">Where given, nothing that an earlier session of this number has sent can take effect once this one is open.</param>
internal sealed class StoreSession(Store store, long? ownLock = null) : IAsyncDisposable
{
    // What has been idle in a pool may have been cut, one after another.
    private const int MostTries = 5;

    private static readonly TimeSpan LongestMigration = TimeSpan.FromMinutes(10);

    private readonly SemaphoreSlim _turn = new(1);
    private NpgsqlConnection? _connection;
    private bool _isReady;
    private bool _isUnreplicated;

    /// <summary>The server's number of this session, by which it is known that no pooler has put another in its place.</summary>
    public int Number { get; private set; }

    /// <summary>
    /// Does something in this session; once more where it turns out to have been cut, or lost to another transaction, which is no reason to refuse an order. What is done must be the
    /// same done twice: a commit whose answer was lost may have reached the disk.
    /// </summary>
    public async Task<T> RunAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await TryAsync(work, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The session's connection, opened and set up.</summary>
    public async Task<NpgsqlConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_isReady && _connection is { State: ConnectionState.Open } kept)
        {
            return kept;
        }

        await DropAsync().ConfigureAwait(false);
        _isReady = false;

        // A transaction of the program's own must neither hold back what this one commits nor undo it.
        using (new TransactionScope(TransactionScopeOption.Suppress, TransactionScopeAsyncFlowOption.Enabled))
        {
            _connection = store.NewConnection();
            _connection.Notice += (_, told) => _isUnreplicated |= StoreFailures.SaysUnreplicated(told.Notice);
            await BoundAsync(OpenAsync, cancellationToken).ConfigureAwait(false);
        }

        Number = await BoundAsync(SetUpAsync, cancellationToken).ConfigureAwait(false);
        if (!store.IsUpToDate && !await BoundAsync(store.CheckVersionAsync, cancellationToken).ConfigureAwait(false))
        {
            await BoundAsync(store.MigrateAsync, cancellationToken, LongestMigration).ConfigureAwait(false);
        }

        _isReady = true;
        return _connection;
    }

    /// <summary>Does something on the connection, within the time the database may take. What is not done by then goes on unseen, until its connection is gone.</summary>
    public async Task<T> BoundAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken, TimeSpan? patience = null)
    {
        var connection = _connection!;
        var abandoned = new CancellationTokenSource();
        var done = work(connection, abandoned.Token);
        try
        {
            var result = await done.WaitAsync(patience ?? store.Options.CommandTimeout, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            abandoned.Dispose();
            return result;
        }
        catch when (!done.IsCompleted)
        {
            _connection = null;
            _ = AbandonAsync(connection, done, abandoned);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await DropAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    private async Task<T> TryAsync<T>(Func<NpgsqlConnection, CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        var mayRetry = true;
        for (var left = MostTries; ; left--)
        {
            try
            {
                await ConnectAsync(cancellationToken).ConfigureAwait(false);
                _isUnreplicated = false;
                var result = await BoundAsync(work, cancellationToken).ConfigureAwait(false);
                if (!_isUnreplicated)
                {
                    return result;
                }

                // Done once more, it waits for the replica to have both.
                mayRetry = mayRetry ? false : throw StoreFailures.Unreplicated();
            }
            catch (PostgresException lost) when (mayRetry && StoreFailures.IsConflict(lost))
            {
                mayRetry = false;
            }
            catch (NpgsqlException cut) when (left > 1 && StoreFailures.IsCut(cut) && !cancellationToken.IsCancellationRequested)
            {
                await DropAsync().ConfigureAwait(false);
            }
            catch (Exception failure)
            {
                // What the server only refuses leaves the session as it was.
                if (failure is not PostgresException refused || StoreFailures.IsOfSession(refused))
                {
                    await DropAsync().ConfigureAwait(false);
                }

                throw;
            }
        }
    }

    private static async Task<bool> OpenAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<int> SetUpAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var number = await StoreSettings.ApplyAsync(connection, store.Options.CommandTimeout, cancellationToken).ConfigureAwait(false);
        if (number != connection.ProcessID)
        {
            await store.Pooler.CheckAsync(connection, cancellationToken).ConfigureAwait(false);
        }

        if (ownLock is { } own)
        {
            await SessionLock.TakeAsync(connection, own, cancellationToken).ConfigureAwait(false);
        }

        return number;
    }

    private async ValueTask DropAsync()
    {
        if (_connection is { } connection)
        {
            _connection = null;
            await CloseAsync(connection).ConfigureAwait(false);
        }
    }

    // The driver asks the server to cancel, which a stopped server does not answer either; that is not waited for.
    private static async Task AbandonAsync(NpgsqlConnection connection, Task work, CancellationTokenSource abandoned)
    {
        await abandoned.CancelAsync().ConfigureAwait(false);
        await work.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).ConfigureAwait(false);
        await CloseAsync(connection).ConfigureAwait(false);
        abandoned.Dispose();
    }

    private static async Task CloseAsync(NpgsqlConnection connection)
    {
        try
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // It is given up in any case.
        }
    }
}
