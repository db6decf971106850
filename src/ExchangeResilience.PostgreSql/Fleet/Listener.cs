using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>
/// Listens on a connection of its own. What is announced is read on it, and once more whenever the connection is new, or has been silent for as long as a heartbeat: so a lost
/// one is noticed, and what it lost is read.
/// </summary>
internal sealed class Listener(Store store, StoreStatements statements, StoreHealth health, FleetInbox inbox, Membership membership) : IAsyncDisposable
{
    // Soon enough for a caller that waits, and a bound on the work that notifications without end can cause.
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LeastBetweenHurries = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private Task? _listening;

    /// <summary>Listens from now on. Once.</summary>
    public void Start() => _listening ??= Task.Run(KeepAsync);

    // The source is not disposed: what waits while the program ends must find a cancelled token.
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await (_listening ?? Task.CompletedTask).ConfigureAwait(false);
    }

    private async Task KeepAsync()
    {
        for (var attempt = 0; !_stop.IsCancellationRequested; attempt++)
        {
            var session = new StoreSession(store);
            await using (session.ConfigureAwait(false))
            {
                try
                {
                    await ListenAsync(session, () => attempt = 0).ConfigureAwait(false);
                }
                catch (Exception failure) when (failure is not OutOfMemoryException)
                {
                    // Whether the store is away is for the writer and the heartbeat to find out.
                    if (_stop.IsCancellationRequested || !await health.PauseAsync(attempt, endsEarly: false).ConfigureAwait(false))
                    {
                        return;
                    }
                }
            }
        }
    }

    private async Task ListenAsync(StoreSession session, Action works)
    {
        var connection = await session.ConnectAsync(_stop.Token).ConfigureAwait(false);
        var (hasNews, hasLeft, hurriedAt) = (false, false, 0L);
        connection.Notification += (_, notification) =>
        {
            var words = notification.Payload.Split(' ');
            hasNews |= words[0] == "hold" || (words is ["settled", var id] && inbox.IsAwaited(id));
            hasLeft |= words[0] == "left";
        };
        await session.BoundAsync(SubscribeAsync, _stop.Token).ConfigureAwait(false);

        // From here nothing is missed; what was before is read now, and who left before is inherited from.
        await session.BoundAsync(ReadAsync, _stop.Token).ConfigureAwait(false);
        membership.WakeUp();
        works();
        while (true)
        {
            // A departure that has to wait must not delay the event of a ban.
            var pause = hasLeft ? LeastBetweenHurries - TimeProvider.System.GetElapsedTime(hurriedAt) : store.Options.Lease / 3;
            var isTold = hasNews || pause <= TimeSpan.Zero || await connection.WaitAsync(pause, _stop.Token).ConfigureAwait(false);
            if (hasLeft && TimeProvider.System.GetElapsedTime(hurriedAt) >= LeastBetweenHurries)
            {
                (hasLeft, hurriedAt) = (false, TimeProvider.System.GetTimestamp());
                membership.WakeUp();
            }

            if (hasNews || !isTold)
            {
                hasNews = false;
                await session.BoundAsync(ReadAsync, _stop.Token).ConfigureAwait(false);
            }

            if (isTold)
            {
                // Any role that may connect to the database may notify. What comes meanwhile is handled afterwards, as one.
                await Task.Delay(Pace, TimeProvider.System, _stop.Token).ConfigureAwait(false);
            }
        }
    }

    private Task<int> SubscribeAsync(NpgsqlConnection connection, CancellationToken abandoned) => StoreCommand.RunAsync(connection, statements.Listen(inbox.Member), abandoned);

    private async Task<bool> ReadAsync(NpgsqlConnection connection, CancellationToken abandoned)
    {
        var batch = new NpgsqlBatch(connection) { Timeout = 0, BatchCommands = { statements.Holds(), statements.Settled(inbox.Awaited) } };
        await using (batch.ConfigureAwait(false))
        {
            var reader = await batch.ExecuteReaderAsync(abandoned).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                inbox.PublishHolds(await StoreReading.HoldsAsync(reader, inbox.Unreadable, abandoned).ConfigureAwait(false), again: false);
                (await StoreReading.DocumentsAsync(reader, abandoned).ConfigureAwait(false)).ForEach(inbox.PublishSettled);
                return true;
            }
        }
    }
}
