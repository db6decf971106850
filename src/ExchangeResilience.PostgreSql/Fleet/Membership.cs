using Microsoft.Extensions.Logging;
using Npgsql;

namespace ExchangeResilience.PostgreSql;

/// <summary>
/// This process's place in the fleet: keeps its lease, takes over entries whose holder is gone, and reads what no notification brought. Everything that must happen happens here;
/// notifications only make it happen sooner.
/// </summary>
internal sealed class Membership(Store store, StoreStatements statements, StoreHealth health, FleetInbox inbox, string name, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    // What an ended process leaves behind is shared by the running ones, a few at a time.
    private const int MostTakenOver = 200;
    private const int MostSwept = 5000;
    private const int LeastSwept = 50;

    private readonly StoreSession _session = new(store);
    private readonly Signal _wanted = new();
    private readonly CancellationTokenSource _stop = new();
    private View _view = new([], []);
    private Task? _beating;
    private long _sweptAt;
    private int _portion = MostSwept;

    /// <summary>Whether this process can look for an entry's order; null where it can for every one's.</summary>
    public Func<JournalEntry, bool>? Serves { get; set; }

    public FleetStatus Status
    {
        get
        {
            var view = Volatile.Read(ref _view);
            return new(inbox.Member, health.Fault, health.Since, view.Members, view.Holds);
        }
    }

    /// <summary>Registers the process; gives it every entry whose holder is gone, and every hold.</summary>
    public async Task<JournalContents> JoinAsync(CancellationToken cancellationToken)
    {
        var entries = new List<JournalEntry>();
        try
        {
            while (true)
            {
                var beat = await BeatAsync(cancellationToken).ConfigureAwait(false);
                health.MarkAvailable(StorePart.Heartbeat);
                entries.AddRange(inbox.Learn(beat.Asked, beat.Unknown));
                if (beat.Unknown.Count < MostTakenOver)
                {
                    inbox.Learn(beat.Holds);
                    PostgreSqlLog.Joined(logger, name, inbox.Member, entries.Count, beat.Holds.Count);
                    return new(entries, [.. beat.Holds.Select(hold => hold.ToHold(time))]);
                }
            }
        }
        catch
        {
            // They were not handed over; the next try finds them again.
            entries.ForEach(entry => inbox.Forget(entry.Id));
            throw;
        }
    }

    /// <summary>Keeps the lease from now on. Once.</summary>
    public void Start()
    {
        inbox.Wanted ??= WakeUp;
        _beating ??= KeepAsync();
    }

    /// <summary>Does not wait for the next heartbeat.</summary>
    public void WakeUp() => _wanted.Set();

    /// <summary>Ends the lease at once, so that others need not wait for it to run out.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_beating is { } beating)
        {
            await beating.ConfigureAwait(false);
            try
            {
                await _session.RunAsync(LeaveAsync, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                PostgreSqlLog.LeaseNotEnded(logger, StoreFailures.Of(failure, store.Options).Message);
            }
        }

        await _session.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<int> LeaveAsync(NpgsqlConnection connection, CancellationToken abandoned)
    {
        var batch = new NpgsqlBatch(connection) { Timeout = 0, BatchCommands = { statements.Leave(inbox.Member) } };
        await using (batch.ConfigureAwait(false))
        {
            return await batch.ExecuteNonQueryAsync(abandoned).ConfigureAwait(false);
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

                Apply(await BeatAsync(_stop.Token).ConfigureAwait(false), wasAway: attempt > 0 || health.Fault is not null);
                health.MarkAvailable(StorePart.Heartbeat);
                attempt = 0;
                await SweepAsync().ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                health.MarkUnavailable(StorePart.Heartbeat, StoreFailures.Of(failure, store.Options).Message);
                if (!await health.PauseAsync(attempt++).ConfigureAwait(false))
                {
                    return;
                }
            }
        }
    }

    /// <summary>Deletes what has been finished for long, as much as there is, for as long as the next heartbeat can wait.</summary>
    private async Task SweepAsync()
    {
        if (time.GetElapsedTime(_sweptAt) < store.Options.Lease / 3)
        {
            return;
        }

        _sweptAt = time.GetTimestamp();
        try
        {
            while (await _session.RunAsync(SweepAsync, _stop.Token).ConfigureAwait(false) == _portion && time.GetElapsedTime(_sweptAt) < store.Options.Lease / 6)
            {
            }

            _portion = MostSwept;
        }
        catch (Exception failure) when (failure is not OutOfMemoryException && !_stop.IsCancellationRequested)
        {
            // Nothing depends on it: orders go on, and fewer at a time may succeed.
            if (_portion == MostSwept)
            {
                PostgreSqlLog.NotSwept(logger, failure);
            }

            _portion = Math.Max(LeastSwept, _portion / 10);
        }
    }

    private async Task<int> SweepAsync(NpgsqlConnection connection, CancellationToken abandoned)
    {
        var batch = new NpgsqlBatch(connection) { Timeout = 0, BatchCommands = { statements.SweepEntries(store.Options.Retention, _portion) } };
        await using (batch.ConfigureAwait(false))
        {
            return (int)(await batch.ExecuteScalarAsync(abandoned).ConfigureAwait(false))!;
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

    private void Apply(Beat beat, bool wasAway)
    {
        inbox.PublishHolds(beat.Holds, again: wasAway);
        var news = inbox.Learn(beat.Asked, beat.Unknown);
        if (news.Count > 0)
        {
            PostgreSqlLog.TookOver(logger, news.Count);
            inbox.PublishTakenOver(news);
        }

        beat.Settled.ForEach(inbox.PublishSettled);
        if (beat.Unknown.Count >= MostTakenOver)
        {
            WakeUp();
        }
    }

    private async Task<Beat> BeatAsync(CancellationToken cancellationToken)
    {
        if (Serves is not { } serves)
        {
            return await BeatAsync(likenesses: null, cancellationToken).ConfigureAwait(false);
        }

        // Once more where a holder is gone whose orders this process can look for. The second reads again what the first has read. An entry that cannot be read is taken over to be logged.
        var beat = await BeatAsync(likenesses: [], cancellationToken).ConfigureAwait(false);
        string[] mine = [.. beat.Orphans.Where(orphan => orphan.Entry is not { } entry || serves(entry)).Select(static orphan => orphan.Likeness)];
        return mine.Length == 0 ? beat : await BeatAsync(mine, cancellationToken).ConfigureAwait(false);
    }

    private Task<Beat> BeatAsync(string[]? likenesses, CancellationToken cancellationToken) =>
        _session.RunAsync((connection, abandoned) => BeatAsync(connection, likenesses, abandoned), cancellationToken);

    /// <summary>One exchange of messages with the store.</summary>
    private async Task<Beat> BeatAsync(NpgsqlConnection connection, string[]? likenesses, CancellationToken cancellationToken)
    {
        var asked = inbox.Doubted;
        var batch = new NpgsqlBatch(connection)
        {
            Timeout = 0,
            BatchCommands =
            {
                statements.Renew(inbox.Member, name, store.Options.Lease), statements.Sweep(store.Options.Retention, 0), statements.TakeOver(inbox.Member, MostTakenOver, likenesses),
                statements.Unknown(inbox.Member, [.. asked.Select(static doubt => doubt.Key)], inbox.Inherited), statements.Settled(inbox.Awaited), statements.Holds(), statements.Members(),
                statements.Orphans(inbox.Member),
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
                var holds = await StoreReading.HoldsAsync(reader, inbox.Unreadable, cancellationToken).ConfigureAwait(false);
                var members = await StoreReading.MembersAsync(reader, cancellationToken).ConfigureAwait(false);
                var orphans = await StoreReading.OrphansAsync(reader, cancellationToken).ConfigureAwait(false);
                Volatile.Write(ref _view, new(members, [.. holds.Where(hold => hold.LeftOn(time) > TimeSpan.Zero).Select(hold => new FleetHold(hold.ToHold(time), hold.ToldToName))]));
                return new(unknown, asked, settled, holds, orphans);
            }
        }
    }

    private sealed record View(IReadOnlyList<FleetMember> Members, IReadOnlyList<FleetHold> Holds);

    private sealed record Beat(List<InheritedEntry> Unknown, KeyValuePair<string, bool>[] Asked, List<JournalEntry> Settled, List<StoredHold> Holds, List<Orphan> Orphans);
}
