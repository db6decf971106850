using Microsoft.Extensions.Logging;
using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>
/// This process's place in the fleet: keeps its lease, takes over what nobody holds any more, and reads what it was not told. Everything that must happen happens here;
/// notifications only make it happen sooner.
/// </summary>
internal sealed class Membership(Store store, StoreStatements statements, StoreCondition condition, FleetNewsDesk desk, string name, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    // What a dead process leaves behind is shared by those that live, a few at a time.
    private const int MostTakenOver = 200;
    private const int MostSwept = 1000;

    private readonly Signal _wanted = new();
    private readonly CancellationTokenSource _stop = new();
    private View _view = new([], []);
    private Task? _beating;

    /// <summary>Whether this process can look for an entry's order; null where it can for every one's.</summary>
    public Func<JournalEntry, bool>? Serves { get; set; }

    public FleetStatus Status
    {
        get
        {
            var view = Volatile.Read(ref _view);
            return new(desk.Member, condition.Fault, condition.Since, view.Members, view.Holds);
        }
    }

    /// <summary>Registers the process; gives it everything that nobody holds, and every hold.</summary>
    public async Task<JournalContents> JoinAsync(CancellationToken cancellationToken)
    {
        var entries = new List<JournalEntry>();
        try
        {
            while (true)
            {
                var beat = await BeatAsync(cancellationToken).ConfigureAwait(false);
                condition.Found();
                entries.AddRange(desk.Learn(beat.Asked, beat.Unknown));
                if (beat.Unknown.Count < MostTakenOver)
                {
                    desk.Learn(beat.Holds);
                    PostgreSqlLog.Joined(logger, name, desk.Member, entries.Count, beat.Holds.Count);
                    var now = time.GetUtcNow();
                    return new(entries, [.. beat.Holds.Select(hold => hold.ToHold(now))]);
                }
            }
        }
        catch
        {
            // Nobody was told of them; the next try finds them again.
            entries.ForEach(entry => desk.Forget(entry.Id));
            throw;
        }
    }

    /// <summary>Keeps the lease from now on. Once.</summary>
    public void Start()
    {
        desk.Wanted ??= Hurry;
        _beating ??= KeepAsync();
    }

    /// <summary>Does not wait for the next heartbeat.</summary>
    public void Hurry() => _wanted.Give();

    /// <summary>Ends the lease at once, so that others need not wait for it to run out.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_beating is not { } beating)
        {
            return;
        }

        await beating.ConfigureAwait(false);
        try
        {
            var connection = await store.ConnectAsync(CancellationToken.None).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var batch = new NpgsqlBatch(connection) { Timeout = store.TimeoutSeconds, BatchCommands = { statements.Leave(desk.Member) } };
                await using (batch.ConfigureAwait(false))
                {
                    await batch.ExecuteNonQueryAsync().ConfigureAwait(false);
                }
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            PostgreSqlLog.LeaseNotEnded(logger, StoreFailures.Of(failure, store.Options).Message);
        }
    }

    private async Task KeepAsync()
    {
        var attempt = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (attempt == 0)
                {
                    await PauseAsync().ConfigureAwait(false);
                }

                Tell(await BeatAsync(_stop.Token).ConfigureAwait(false), wasAway: attempt > 0 || condition.Fault is not null);
                condition.Found();
                attempt = 0;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                condition.Lost(StoreFailures.Of(failure, store.Options).Message);
                if (!await condition.PauseAsync(attempt++).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
    }

    private async Task PauseAsync()
    {
        using var early = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var hurried = _wanted.WaitAsync(early.Token);
        await Task.WhenAny(hurried, Task.Delay(store.Options.Lease / 3, time, early.Token)).ConfigureAwait(false);
        await early.CancelAsync().ConfigureAwait(false);
        _stop.Token.ThrowIfCancellationRequested();
    }

    private void Tell(Beat beat, bool wasAway)
    {
        desk.TellHolds(beat.Holds, again: wasAway);
        var news = desk.Learn(beat.Asked, beat.Unknown);
        if (news.Count > 0)
        {
            PostgreSqlLog.TookOver(logger, news.Count);
            desk.TellTakenOver(news);
        }

        beat.Settled.ForEach(desk.TellSettled);
        if (beat.Unknown.Count >= MostTakenOver)
        {
            Hurry();
        }
    }

    private Task<Beat> BeatAsync(CancellationToken cancellationToken) => store.RunAsync(
        async connection =>
        {
            if (Serves is not { } serves)
            {
                return await BeatAsync(connection, likenesses: null, cancellationToken).ConfigureAwait(false);
            }

            // Once more where somebody is gone whose orders this process can look for. What the first told, the second tells again. What cannot be read somebody must report.
            var beat = await BeatAsync(connection, likenesses: [], cancellationToken).ConfigureAwait(false);
            string[] mine = [.. beat.Orphans.Where(orphan => orphan.Entry is not { } entry || serves(entry)).Select(static orphan => orphan.Likeness)];
            return mine.Length == 0 ? beat : await BeatAsync(connection, mine, cancellationToken).ConfigureAwait(false);
        },
        cancellationToken);

    /// <summary>One exchange of messages with the store.</summary>
    private async Task<Beat> BeatAsync(NpgsqlConnection connection, string[]? likenesses, CancellationToken cancellationToken)
    {
        var asked = desk.Doubted;
        var batch = new NpgsqlBatch(connection)
        {
            Timeout = store.TimeoutSeconds,
            BatchCommands =
            {
                statements.Renew(desk.Member, name, store.Options.Lease), statements.Sweep(store.Options.Retention, MostSwept), statements.TakeOver(desk.Member, MostTakenOver, likenesses),
                statements.Unknown(desk.Member, asked, desk.Inherited), statements.Settled(desk.Awaited), statements.Holds(), statements.Members(), statements.Orphans(desk.Member),
            },
        };
        await using (batch.ConfigureAwait(false))
        {
            await batch.PrepareAsync(cancellationToken).ConfigureAwait(false);
            var reader = await batch.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                for (var silent = 0; silent < 3; silent++)
                {
                    await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
                }

                var unknown = await StoreReading.EntriesAsync(reader, cancellationToken).ConfigureAwait(false);
                var settled = await StoreReading.DocumentsAsync(reader, cancellationToken).ConfigureAwait(false);
                var holds = await StoreReading.HoldsAsync(reader, cancellationToken).ConfigureAwait(false);
                var members = await StoreReading.MembersAsync(reader, cancellationToken).ConfigureAwait(false);
                var orphans = await StoreReading.OrphansAsync(reader, cancellationToken).ConfigureAwait(false);
                var now = time.GetUtcNow();
                Volatile.Write(ref _view, new(members, [.. holds.Where(static hold => hold.Left > TimeSpan.Zero).Select(hold => new FleetHold(hold.ToHold(now), hold.ToldToName))]));
                return new(unknown, asked, settled, holds, orphans);
            }
        }
    }

    private sealed record View(IReadOnlyList<FleetMember> Members, IReadOnlyList<FleetHold> Holds);

    private sealed record Beat(List<InheritedEntry> Unknown, string[] Asked, List<JournalEntry> Settled, List<StoredHold> Holds, List<Orphan> Orphans);
}
