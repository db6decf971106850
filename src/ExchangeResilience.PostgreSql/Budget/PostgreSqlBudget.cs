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
    private readonly StoreSession _session;
    private readonly StoreStatements _statements;
    private readonly StoreHealth _health;
    private readonly FleetInbox _inbox;
    private readonly Membership _membership;
    private readonly Channel<BudgetCall> _arriving = Channel.CreateUnbounded<BudgetCall>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _asking;
    private long _roundTrips;
    private int _isClosed;

    public PostgreSqlBudget(Store store, StoreStatements statements, StoreHealth health, FleetInbox inbox, Membership membership)
    {
        (_store, _statements, _health, _inbox, _membership, _session) = (store, statements, health, inbox, membership, new(store));
        _asking = Task.Run(RunAsync);
    }

    /// <summary>How many round trips were made.</summary>
    public long RoundTrips => Volatile.Read(ref _roundTrips);

    /// <inheritdoc/>
    public int Living => _membership.Status.Members.Count;

    /// <inheritdoc/>
    public async ValueTask<BudgetGrant> AskAsync(BudgetAsk ask, CancellationToken cancellationToken)
    {
        if (_health.Fault is { } fault)
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
        await _session.DisposeAsync().ConfigureAwait(false);
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
            // The program ends.
        }
    }

    private async Task AskAsync(List<BudgetCall> calls)
    {
        try
        {
            // Asked twice, what was given first is lost for this window, which errs on the safe side.
            var grants = await _session.RunAsync((connection, abandoned) => AskAsync(connection, calls, abandoned), _stop.Token).ConfigureAwait(false);
            for (var i = 0; i < calls.Count; i++)
            {
                calls[i].Succeed(grants[i]);
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            var worded = _stop.IsCancellationRequested ? StoreFailures.Closed() : StoreFailures.Of(failure, _store.Options);
            if (!_stop.IsCancellationRequested)
            {
                // So that an order that comes now is refused for that reason, and not for lack of room. The heartbeat finds out whether it is back.
                _health.MarkUnavailable(StorePart.Heartbeat, worded.Message);
                _inbox.Wanted?.Invoke();
            }

            calls.ForEach(call => call.Fail(worded));
        }
    }

    private async Task<List<BudgetGrant>> AskAsync(NpgsqlConnection connection, List<BudgetCall> calls, CancellationToken abandoned)
    {
        var grants = new List<BudgetGrant>(calls.Count);
        var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        await using (batch.ConfigureAwait(false))
        {
            calls.ForEach(call => batch.BatchCommands.Add(_statements.Grant(_inbox.Member, call.Ask)));
            var rows = await batch.ExecuteReaderAsync(abandoned).ConfigureAwait(false);
            await using (rows.ConfigureAwait(false))
            {
                do
                {
                    await rows.ReadAsync(abandoned).ConfigureAwait(false);
                    grants.Add(new BudgetGrant(rows.GetInt32(0), rows.GetInt32(1), rows.GetInt32(2)));
                }
                while (await rows.NextResultAsync(abandoned).ConfigureAwait(false));
            }
        }

        // Only now they are committed.
        Interlocked.Increment(ref _roundTrips);
        return grants;
    }
}
