using Microsoft.Extensions.Logging;

namespace ExchangeResilience;

/// <summary>Applies here what other processes of the fleet did: closes the lanes that the exchange closed for them, delivers their verdicts, takes over what ended processes held.</summary>
internal sealed class FleetFollower(ExchangeServices services, OrphanTakeover takeover, ILogger<FleetFollower> logger) : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private int _isFollowing;

    /// <summary>Begins to listen, where the journal is one that others share. Once.</summary>
    public void Start()
    {
        if (services.Journal.Shared is { } shared && Interlocked.Exchange(ref _isFollowing, 1) == 0)
        {
            _ = Task.Run(() => FollowAsync(shared), CancellationToken.None);
        }
    }

    // Not disposed: a call that waits while the program ends must find a token that says so.
    public void Dispose() => _stop.Cancel();

    private async Task FollowAsync(ISharedOrderJournal shared)
    {
        try
        {
            await foreach (var news in shared.ListenAsync(_stop.Token).ConfigureAwait(false))
            {
                try
                {
                    Handle(news);
                }
                catch (Exception error) when (error is not OutOfMemoryException)
                {
                    // An event that cannot be applied must not hold up the next.
                    Log.FleetNewsNotHeeded(logger, error);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private void Handle(FleetEvent news)
    {
        switch (news)
        {
            case FleetEvent.HoldTold { Hold: var hold }:
                if (services.Traffic.Restore(hold, isFromElsewhere: true) is { Extended: true } told)
                {
                    Log.HoldTold(logger, told.IsNews ? LogLevel.Warning : LogLevel.Debug, hold.Lane, hold.Environment, hold.Scope, told.Remaining.TotalSeconds, told.RetryAt, new HoldCause(hold));
                }

                break;

            case FleetEvent.TakenOver { Entries: var entries }:
                takeover.Adopt(entries, _stop.Token);
                break;

            case FleetEvent.Settled { Entry: var entry }:
                services.Reconciler.ConcludeElsewhere(entry, takeover.ClaimOf);
                break;

            default:
                throw new NotSupportedException($"An event of type {news.GetType().Name} is not known.");
        }
    }
}
