using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace ExchangeResilience;

/// <summary>
/// Takes up what an earlier run left in the journal: holds before the first request, orders in doubt before a new one of the same id. Done when the host starts, else by the
/// first call.
/// </summary>
internal sealed class JournalRecovery(ExchangeServices services, OrphanTakeover takeover, FleetFollower follower, ILogger<JournalRecovery> logger)
{
    // Every call that comes while the journal cannot be opened would else wait for the disk, and log.
    private static readonly TimeSpan PauseBetweenTries = TimeSpan.FromSeconds(2);

    // So long after the first of them came, requests that do not need the journal go on without the holds it keeps.
    private static readonly TimeSpan WaitForHolds = TimeSpan.FromSeconds(1);

    // Longer than any order waits for it by default. A store that is slow at the start, and ready before an order needs it, is no fault.
    private static readonly TimeSpan OrdinaryOpening = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly HashSet<JournalHold> _takenUp = [];
    private Task<Exception?>? _opening;
    private long _openingSince;
    private long _failedAt;
    private volatile bool _isDone = !services.Journal.IsDurable;

    /// <summary>Null once the journal is open and what it held is taken up; else why it cannot be.</summary>
    public ValueTask<Exception?> TryAsync(CancellationToken cancellationToken) => TryAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <summary>As above, for an order that waits no longer than it may.</summary>
    public ValueTask<Exception?> TryAsync(TimeSpan within, CancellationToken cancellationToken) => _isDone ? default : new ValueTask<Exception?>(WaitAsync(within, cancellationToken));

    /// <summary>Waits a moment for the holds, for what needs nothing else of the journal. A journal that hangs costs that moment once.</summary>
    public ValueTask<Exception?> TryHoldsAsync(CancellationToken cancellationToken) => _isDone ? default : new ValueTask<Exception?>(WaitAsync(within: null, cancellationToken));

    private async Task<Exception?> WaitAsync(TimeSpan? within, CancellationToken cancellationToken)
    {
        Task<Exception?> opening;
        TimeSpan patience;
        lock (_lock)
        {
            if (_opening is { IsCompleted: true } && !_isDone && services.Time.GetElapsedTime(_failedAt) >= PauseBetweenTries)
            {
                // The disk may be there by now.
                _opening = null;
            }

            if (_opening is null)
            {
                _openingSince = services.Time.GetTimestamp();
                _opening = Task.Run(OpenAsync, CancellationToken.None);
            }

            opening = _opening;
            patience = within ?? services.Time.Left(services.Time.GetTimestamp(), services.Time.After(_openingSince, WaitForHolds));
        }

        try
        {
            return await opening.WaitAsync(patience, services.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return StillOpening(isRefused: within is not null);
        }
    }

    // A journal that cannot be written, be its disk full or its file locked, may still hold a ban. First, since requests wait only a moment for it to open.
    private async Task ReadHoldsAsync()
    {
        try
        {
            TakeUp(await services.Journal.ReadHoldsAsync(CancellationToken.None).ConfigureAwait(false));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // What is wrong is reported when the journal is opened.
        }
    }

    private void TakeUp(IEnumerable<JournalHold> holds)
    {
        // Once: read again, it would close what an operator has released meanwhile.
        foreach (var hold in holds.Where(_takenUp.Add))
        {
            if (services.Traffic.Restore(hold, services.Journal.Shared is not null) is { } restored)
            {
                Log.HoldRestored(logger, hold.Lane, hold.Environment, hold.Scope, restored.Remaining.TotalSeconds, restored.RetryAt, new HoldCause(hold));
            }
        }
    }

    private JournalException? StillOpening(bool isRefused)
    {
        var delay = new JournalException("The order journal is still being opened. Find out what its store waits for.");
        bool isLong;
        lock (_lock)
        {
            if (_isDone)
            {
                return null;
            }

            isLong = services.Time.GetElapsedTime(_openingSince) >= OrdinaryOpening;
        }

        if ((isRefused || isLong) && services.Journal.NoteFault(delay.Message))
        {
            Log.JournalNotOpened(logger, delay);
        }

        return delay;
    }

    // The failure is a result, not thrown: the call that waited for it may be gone by then.
    private async Task<Exception?> OpenAsync()
    {
        try
        {
            if (services.Journal.Shared is { } shared)
            {
                shared.Serves = takeover.CanAskAbout;
            }

            await ReadHoldsAsync().ConfigureAwait(false);
            var contents = await services.Journal.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            TakeUp(contents.Holds);
            takeover.Adopt(contents.Entries);
            follower.Start();
            _isDone = true;
            return null;
        }
        catch (OptionsValidationException faulty)
        {
            // An entry belongs to a client with faulty settings: the journal is sound.
            _failedAt = services.Time.GetTimestamp();
            return faulty;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            services.Journal.NoteFault(services.Journal.Fault ?? failure.Message);
            Log.JournalNotOpened(logger, failure);
            _failedAt = services.Time.GetTimestamp();
            return failure as JournalException ?? new JournalException("The order journal cannot be opened.", failure);
        }
    }
}
