using ExchangeResilience.Journal;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.Sqlite.Tests.Commits;

public sealed class GroupCommitTests : IDisposable
{
    private readonly JournalFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Orders_that_arrive_together_share_a_commit()
    {
        await using var journal = await OpenAsync();
        var before = journal.Commits;
        List<Task<JournalEntry?>> calls;
        using (_folder.Lock())
        {
            calls = [.. Enumerable.Range(1, 500).Select(number => journal.RecordAsync(Order(number), default).AsTask())];
            calls.ShouldAllBe(call => !call.IsCompleted);
        }

        (await Task.WhenAll(calls)).ShouldAllBe(standing => standing == null);

        // The writer had taken up some of them when it found the file locked; all others are in the next.
        (journal.Commits - before).ShouldBeInRange(1, 2);
        _folder.Ask("SELECT count(*) FROM entries").ShouldBe(500L);
    }

    [Fact]
    public async Task An_order_alone_is_committed_at_once()
    {
        await using var journal = await OpenAsync();
        var before = journal.Commits;

        foreach (var number in Enumerable.Range(1, 5))
        {
            (await journal.RecordAsync(Order(number), default)).ShouldBeNull();
            _folder.Ask("SELECT count(*) FROM entries").ShouldBe((long)number);
        }

        (journal.Commits - before).ShouldBe(5);
    }

    [Fact]
    public async Task One_bad_entry_does_not_fail_the_others_of_its_commit()
    {
        await using var journal = await OpenAsync();
        _folder.Ask("CREATE TRIGGER bad BEFORE INSERT ON entries WHEN NEW.name = 'order-13' BEGIN SELECT RAISE(ABORT, 'unlucky'); END");
        List<Task<JournalEntry?>> calls;
        using (_folder.Lock())
        {
            calls = [.. Enumerable.Range(1, 40).Select(number => journal.RecordAsync(Order(number), default).AsTask())];
        }

        var failure = await Should.ThrowAsync<JournalException>(calls[12]);
        calls.RemoveAt(12);

        failure.Message.ShouldBe($"The order journal {_folder.File} refused an entry (SQLite error 1811).");
        (await Task.WhenAll(calls)).ShouldAllBe(standing => standing == null);
        _folder.Ask("SELECT count(*) FROM entries").ShouldBe(39L);
        _folder.Ask("SELECT count(*) FROM entries WHERE name = 'order-13'").ShouldBe(0L);
    }

    [Fact]
    public async Task Trimming_that_fails_fails_no_order()
    {
        await using var journal = await OpenAsync();
        (await journal.RecordAsync(Order(1), default)).ShouldBeNull();
        (await journal.SettleAsync(Order(1).Settled(JournalState.Executed), default)).ShouldBeTrue();
        _folder.Ask("CREATE TRIGGER kept BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'kept'); END");
        _folder.Time.Advance(TimeSpan.FromDays(8));

        (await journal.RecordAsync(Order(2), default)).ShouldBeNull();

        _folder.Ask("SELECT count(*) FROM entries").ShouldBe(2L);
    }

    [Fact]
    public async Task Whoever_stops_waiting_before_the_order_is_written_leaves_none_behind()
    {
        await using var journal = await OpenAsync();
        using var stop = new CancellationTokenSource();
        Task<JournalEntry?> first, second;
        using (_folder.Lock())
        {
            first = journal.RecordAsync(Order(1), default).AsTask();
            second = journal.RecordAsync(Order(2), stop.Token).AsTask();
            await stop.CancelAsync();

            await Should.ThrowAsync<OperationCanceledException>(second);
            first.IsCompleted.ShouldBeFalse();
        }

        (await first).ShouldBeNull();
        (await journal.SettleAsync(Order(2), default)).ShouldBeFalse();
    }

    /// <summary>Half of those who ask do not wait to the end; whoever is told that the order may leave finds it on the disk there and then.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whoever_is_told_so_finds_the_order_on_the_disk_whatever_else_arrives(int seed)
    {
        const int Callers = 8, Orders = 40;
        await using var journal = await OpenAsync();
        var before = journal.Commits;
        var told = 0;

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync(caller))));

        told.ShouldBeInRange(Callers * Orders / 4, (Callers * Orders) - 1, $"seed {seed}");
        (journal.Commits - before).ShouldBeLessThan(told, $"seed {seed}: they share commits");
        _folder.Ask("PRAGMA integrity_check").ShouldBe("ok");

        async Task CallAsync(int caller)
        {
            var random = new Random((seed * 100) + caller);
            using var disk = _folder.Connect();
            for (var i = 0; i < Orders; i++)
            {
                var number = (caller * Orders) + i + 1;
                using var stop = new CancellationTokenSource();
                var call = journal.RecordAsync(Order(number), stop.Token).AsTask();
                if (random.Next(2) == 0)
                {
                    Thread.SpinWait(random.Next(20_000));
                    await stop.CancelAsync();
                }

                try
                {
                    (await call).ShouldBeNull($"seed {seed}");
                }
                catch (OperationCanceledException)
                {
                    continue;
                }

                disk.Ask($"SELECT count(*) FROM entries WHERE name = 'order-{number}'").ShouldBe(1L, $"seed {seed}: order {number}");
                Interlocked.Increment(ref told);
            }
        }
    }

    [Fact]
    public async Task A_verdict_is_written_though_nobody_waits_for_it()
    {
        await using var journal = await OpenAsync();
        (await journal.RecordAsync(Order(1), default)).ShouldBeNull();
        using var stop = new CancellationTokenSource();
        using (_folder.Lock())
        {
            var call = journal.SettleAsync(Order(1).Settled(JournalState.Executed), stop.Token).AsTask();
            await stop.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(call);
        }

        (await journal.RecordAsync(Order(1), default)).ShouldNotBeNull().State.ShouldBe(JournalState.Executed);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_accepted_is_written_before_the_journal_closes(bool waitsAsynchronously)
    {
        var journal = await OpenAsync();
        List<Task<JournalEntry?>> calls;
        Task closing;
        using (_folder.Lock())
        {
            calls = [.. Enumerable.Range(1, 50).Select(number => journal.RecordAsync(Order(number), default).AsTask())];
            closing = waitsAsynchronously ? journal.DisposeAsync().AsTask() : Task.Run(journal.Dispose);
        }

        await closing;

        calls.ShouldAllBe(call => call.IsCompletedSuccessfully);
        _folder.Ask("SELECT count(*) FROM entries").ShouldBe(50L);
        File.Exists(_folder.File + "-wal").ShouldBeFalse();
    }

    [Fact]
    public async Task A_closed_journal_says_so()
    {
        var journal = await OpenAsync();
        await journal.DisposeAsync();
        await journal.DisposeAsync();

        var refused = await Should.ThrowAsync<JournalException>(async () => await journal.RecordAsync(Order(1), default));

        refused.Message.ShouldContain($"{_folder.File} is closed");
    }

    [Fact]
    public async Task A_journal_nobody_used_makes_no_file()
    {
        await _folder.Journal().DisposeAsync();
        _folder.Journal().Dispose();

        File.Exists(_folder.File).ShouldBeFalse();
    }

    private async Task<SqliteOrderJournal> OpenAsync()
    {
        var journal = _folder.Journal();
        await journal.OpenAsync(default);
        return journal;
    }
}
