using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>
/// Listens on a connection of its own. What is announced is read on it, and once more whenever the connection is new, or has been silent for as long as a heartbeat: so a lost
/// one is noticed, and what it lost is read.
/// </summary>
internal sealed class Listener(Store store, StoreStatements statements, StoreCondition condition, FleetNewsDesk desk, Membership membership) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task? _listening;

    /// <summary>Listens from now on. Once.</summary>
    public void Start() => _listening ??= Task.Run(KeepAsync);

    // The source is not: whoever waits while the program ends must find a token that says so.
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await (_listening ?? Task.CompletedTask).ConfigureAwait(false);
    }

    private async Task KeepAsync()
    {
        for (var attempt = 0; !_stop.IsCancellationRequested; attempt++)
        {
            try
            {
                var connection = await store.ConnectAsync(_stop.Token).ConfigureAwait(false);
                await using (connection.ConfigureAwait(false))
                {
                    await ListenAsync(connection, () => attempt = 0).ConfigureAwait(false);
                }
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // Whether the store is away is the writer's and the heartbeat's to say, which ask it when this one ends.
                if (_stop.IsCancellationRequested || !await condition.PauseAsync(attempt).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
    }

    private async Task ListenAsync(NpgsqlConnection connection, Action works)
    {
        var hasNews = false;
        connection.Notification += (_, told) =>
        {
            var words = told.Payload.Split(' ');
            hasNews |= words[0] == "hold" || (words is ["settled", var id] && desk.IsAwaited(id));
            if (words[0] == "left")
            {
                membership.Hurry();
            }
        };
        var listen = new NpgsqlCommand(statements.Listen, connection) { CommandTimeout = store.TimeoutSeconds };
        await using (listen.ConfigureAwait(false))
        {
            await listen.ExecuteNonQueryAsync(_stop.Token).ConfigureAwait(false);
        }

        // From here nothing is missed; what was before is read now, and who left before is inherited from.
        await ReadAsync(connection).ConfigureAwait(false);
        membership.Hurry();
        works();
        while (true)
        {
            var isTold = hasNews || await connection.WaitAsync(store.Options.Lease / 3, _stop.Token).ConfigureAwait(false);
            if (hasNews || !isTold)
            {
                hasNews = false;
                await ReadAsync(connection).ConfigureAwait(false);
            }
        }
    }

    private async Task ReadAsync(NpgsqlConnection connection)
    {
        var batch = new NpgsqlBatch(connection) { Timeout = store.TimeoutSeconds, BatchCommands = { statements.Holds(), statements.Settled(desk.Awaited) } };
        await using (batch.ConfigureAwait(false))
        {
            var reader = await batch.ExecuteReaderAsync(_stop.Token).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                desk.TellHolds(await StoreReading.HoldsAsync(reader, _stop.Token).ConfigureAwait(false), again: false);
                (await StoreReading.DocumentsAsync(reader, _stop.Token).ConfigureAwait(false)).ForEach(desk.TellSettled);
            }
        }
    }
}
