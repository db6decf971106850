using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>
/// Takes up what an earlier run left in the journal: holds before the first request, orders in doubt before a new one of the same id. Done when the host starts, else by the
/// first call.
/// </summary>
internal sealed class Restoration(ExchangeState state, Succession succession, FleetFollower follower, ILogger<Restoration> logger)
{
    // Every call that comes while the journal cannot be opened would else wait for the disk, and log.
    private static readonly TimeSpan PauseBetweenTries = TimeSpan.FromSeconds(2);

    // So long after the first of them came, whatever does not need the journal goes on without the holds it keeps.
    private static readonly TimeSpan WaitForHolds = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private Task<JournalException?>? _opening;
    private long _openingSince;
    private long _failedAt;
    private bool _isToldOfDelay;
    private volatile bool _isDone = !state.Journal.IsDurable;

    /// <summary>Null once the journal is open and what it held is taken up; else why it cannot be.</summary>
    public ValueTask<Exception?> TryAsync(CancellationToken cancellationToken) => TryAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>As above, for an order that waits no longer than it may.</summary>
    public ValueTask<Exception?> TryAsync(TimeSpan within, CancellationToken cancellationToken) => _isDone ? default : new ValueTask<Exception?>(WaitAsync(within, cancellationToken));

    /// <summary>Waits a moment for the holds, for what needs nothing else of the journal. A journal that hangs costs that moment once.</summary>
    public ValueTask<Exception?> TryHoldsAsync(CancellationToken cancellationToken) => _isDone ? default : new ValueTask<Exception?>(WaitAsync(within: null, cancellationToken));

    private async Task<Exception?> WaitAsync(TimeSpan? within, CancellationToken cancellationToken)
    {
        Task<JournalException?> opening;
        TimeSpan patience;
        lock (_lock)
        {
            if (_opening is { IsCompleted: true } && !_isDone && state.Time.GetElapsedTime(_failedAt) >= PauseBetweenTries)
            {
                // The disk may be there by now.
                _opening = null;
            }

            if (_opening is null)
            {
                _openingSince = state.Time.GetTimestamp();
                _opening = Task.Run(OpenAsync, CancellationToken.None);
            }

            opening = _opening;
            patience = within ?? state.Time.Left(state.Time.GetTimestamp(), state.Time.After(_openingSince, WaitForHolds));
        }

        try
        {
            return await opening.WaitAsync(patience, state.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return StillOpening();
        }
    }

    private JournalException StillOpening()
    {
        var delay = new JournalException("The order journal is still being opened. Find out what its store waits for.");
        bool isNews;
        lock (_lock)
        {
            isNews = !_isToldOfDelay;
            _isToldOfDelay = true;
        }

        if (isNews)
        {
            Log.JournalNotOpened(logger, delay);
        }

        return delay;
    }

    // The failure is a result, not thrown: whoever waited for it may be gone by then.
    private async Task<JournalException?> OpenAsync()
    {
        try
        {
            if (state.Journal.Shared is { } shared)
            {
                shared.Serves = succession.CanAskAbout;
            }

            var contents = await state.Journal.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            foreach (var hold in contents.Holds)
            {
                if (state.Traffic.Restore(hold, state.Journal.Shared is not null) is { } restored)
                {
                    Log.HoldRestored(logger, hold.Lane, restored.Remaining.TotalSeconds, hold.Code);
                }
            }

            succession.TakeUp(contents.Entries);
            follower.Start();
            _isDone = true;
            return null;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Log.JournalNotOpened(logger, failure);
            _failedAt = state.Time.GetTimestamp();
            return failure as JournalException ?? new JournalException("The order journal cannot be opened.", failure);
        }
    }
}

/// <summary>Opens the journal before the host starts anything that could send, so that no first request has to wait for it.</summary>
internal sealed class RestorationAtStart(Restoration restoration) : IHostedLifecycleService
{
    /// <exception cref="JournalException">The journal cannot be opened: a program that is to trade must not start without it.</exception>
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (await restoration.TryAsync(cancellationToken).ConfigureAwait(false) is { } failure)
        {
            throw failure;
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
