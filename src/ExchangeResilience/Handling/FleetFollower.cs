using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>Does here what follows from what other processes of the fleet did: closes lanes they were told to leave, tells their verdicts, takes up what the dead among them held.</summary>
internal sealed class FleetFollower(ExchangeState state, Succession succession, ILogger<FleetFollower> logger) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private int _isFollowing;

    /// <summary>Begins to listen, where the journal is one that others share. Once.</summary>
    public void Start()
    {
        if (state.Journal.Shared is { } shared && Interlocked.Exchange(ref _isFollowing, 1) == 0)
        {
            _ = Task.Run(() => FollowAsync(shared), CancellationToken.None);
        }
    }

    // Not disposed: whoever waits while the program ends must find a token that says so.
    public void Dispose() => _stop.Cancel();

    private async Task FollowAsync(ISharedOrderJournal shared)
    {
        try
        {
            await foreach (var news in shared.ListenAsync(_stop.Token).ConfigureAwait(false))
            {
                try
                {
                    Heed(news);
                }
                catch (Exception error) when (error is not OutOfMemoryException)
                {
                    // One piece of news that cannot be heeded must not keep the next from being heard.
                    Log.FleetNewsNotHeeded(logger, error);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private void Heed(FleetNews news)
    {
        switch (news)
        {
            case FleetNews.HoldTold { Hold: var hold }:
                if (state.Traffic.Restore(hold, isFromElsewhere: true) is { Extended: true } told)
                {
                    Log.HoldTold(logger, told.IsNews ? LogLevel.Warning : LogLevel.Debug, hold.Lane, told.Remaining.TotalSeconds, hold.Code);
                }

                break;

            case FleetNews.TakenOver { Entries: var entries }:
                succession.TakeUp(entries, _stop.Token);
                break;

            case FleetNews.Settled { Entry: var entry }:
                if (succession.ClaimOf(entry) is { NeedsEvidence: true } claim)
                {
                    state.Reconciler.ConcludeElsewhere(claim, JournalRules.VerdictOf(entry));
                }

                break;

            default:
                throw new NotSupportedException($"News of the kind {news.GetType().Name} is not known.");
        }
    }
}
