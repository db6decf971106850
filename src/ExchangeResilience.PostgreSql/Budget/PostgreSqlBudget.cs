using System.Threading.Channels;
using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>
/// The limits of the exchange as a fleet shares them. What is asked for meanwhile goes together in the next round trip, and not behind
/// what the journal brings to the disk.
/// </summary>
internal sealed class PostgreSqlBudget : ISharedBudget, IAsyncDisposable
{
    private readonly Store _store;
    private readonly StoreStatements _statements;
    private readonly StoreCondition _condition;
    private readonly Channel<BudgetCall> _arriving = Channel.CreateUnbounded<BudgetCall>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _asking;
    private long _roundTrips;
    private int _isClosed;

    public PostgreSqlBudget(Store store, StoreStatements statements, StoreCondition condition)
    {
        (_store, _statements, _condition) = (store, statements, condition);
        _asking = Task.Run(RunAsync);
    }

    /// <summary>How many round trips were made.</summary>
    public long RoundTrips => Volatile.Read(ref _roundTrips);

    /// <inheritdoc/>
    public async ValueTask<BudgetGrant> AskAsync(BudgetAsk ask, CancellationToken cancellationToken)
    {
        if (_condition.Fault is { } fault)
        {
            throw StoreFailures.Away(fault);
        }

        var call = new BudgetCall(ask);
        if (!_arriving.Writer.TryWrite(call))
        {
            throw StoreFailures.Closed();
        }

        return await call.Answer.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isClosed, 1) != 0)
        {
            return;
        }

        _arriving.Writer.TryComplete();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _asking.ConfigureAwait(false);
        while (_arriving.Reader.TryRead(out var call))
        {
            call.Fail(StoreFailures.Closed());
        }

        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _arriving.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                var calls = new List<BudgetCall>();
                while (_arriving.Reader.TryRead(out var call))
                {
                    calls.Add(call);
                }

                calls.Sort(static (one, other) => string.CompareOrdinal(one.Order, other.Order));
                await AskAsync(calls).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Nobody asks any more.
        }
    }

    private async Task AskAsync(List<BudgetCall> calls)
    {
        try
        {
            // Asked twice, what was given first is lost for this window, which errs on the safe side.
            await _store.RunAsync(connection => AskAsync(connection, calls), _stop.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Whether the store is away is for the heartbeat to find out; here what was not given is not used.
            var worded = _stop.IsCancellationRequested ? StoreFailures.Closed() : StoreFailures.Of(failure, _store.Options);
            calls.ForEach(call => call.Fail(worded));
        }
    }

    private async Task<bool> AskAsync(NpgsqlConnection connection, List<BudgetCall> calls)
    {
        var batch = new NpgsqlBatch(connection) { Timeout = _store.TimeoutSeconds };
        await using (batch.ConfigureAwait(false))
        {
            calls.ForEach(call => batch.BatchCommands.Add(_statements.Grant(call.Ask)));
            var rows = await batch.ExecuteReaderAsync(_stop.Token).ConfigureAwait(false);
            await using (rows.ConfigureAwait(false))
            {
                foreach (var call in calls)
                {
                    await rows.ReadAsync(_stop.Token).ConfigureAwait(false);
                    call.Succeed(rows);
                    await rows.NextResultAsync(_stop.Token).ConfigureAwait(false);
                }
            }
        }

        Interlocked.Increment(ref _roundTrips);
        return true;
    }
}
