using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>This process's access to the shared budget, and what it knows of the fleet.</summary>
internal sealed class FleetBudget(ISharedBudget store, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan PauseWhileAway = TimeSpan.FromSeconds(1);

    private readonly Lock _sync = new();
    private readonly CancellationTokenSource _stop = new();
    private volatile bool _isAway;
    private volatile int _members = 1;
    private long _askAgainAt;

    /// <summary>The store did not answer when it was last asked; each process then keeps to an equal share.</summary>
    public bool IsAway => _isAway;

    /// <summary>How many processes share, as last answered.</summary>
    public int Members => _members;

    /// <summary>Whether a store that is away should be asked again.</summary>
    public bool IsWorthAsking => !_isAway || time.GetTimestamp() >= Volatile.Read(ref _askAgainAt);

    /// <summary>Asks; null where the store is away.</summary>
    public async ValueTask<BudgetGrant?> AskAsync(BudgetAsk ask)
    {
        if (_isAway)
        {
            Volatile.Write(ref _askAgainAt, time.After(time.GetTimestamp(), PauseWhileAway));
        }

        try
        {
            var grant = await store.AskAsync(ask, _stop.Token).ConfigureAwait(false);
            Found(grant.Members);
            return grant;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            if (!_stop.IsCancellationRequested)
            {
                Lost(failure);
            }

            return null;
        }
    }

    // Not disposed: an answer still to come may read the token.
    public void Dispose()
    {
        _isAway = true;
        _stop.Cancel();
    }

    private void Found(int members)
    {
        lock (_sync)
        {
            _members = Math.Max(1, members);
            if (_isAway)
            {
                _isAway = false;
                BudgetLog.Back(logger, _members);
            }
        }
    }

    private void Lost(Exception failure)
    {
        lock (_sync)
        {
            Volatile.Write(ref _askAgainAt, time.After(time.GetTimestamp(), PauseWhileAway));
            if (!_isAway)
            {
                _isAway = true;

                // Others may have come since this process last asked.
                _members = Math.Max(_members, store.Living);
                BudgetLog.Away(logger, _members, failure);
            }
        }
    }
}
