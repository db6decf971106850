using System.Runtime.Versioning;
using ExchangeResilience.Journal;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.Sqlite.Tests.Storage;

public sealed class FileTests : IDisposable
{
    private readonly JournalFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task The_file_and_its_folder_are_made_for_their_owner_alone()
    {
        var path = _folder.PathOf(Path.Combine("data", "inner", "orders.db"));
        await using var journal = _folder.Journal(path: path);
        await RecordAsync(journal, Order(1));

        foreach (var file in (string[])[path, $"{path}-wal", $"{path}-shm"])
        {
            File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
        }

        File.GetUnixFileMode(Path.GetDirectoryName(path)!).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task A_file_that_is_made_new_is_told_of_once_by_its_whole_path()
    {
        var log = new LogLines();
        for (var starts = 2; starts > 0; starts--)
        {
            await using var journal = new SqliteOrderJournal(new() { Path = _folder.File }, _folder.Time, log);
            await journal.OpenAsync(default);
        }

        log.Lines.ShouldHaveSingleItem().ShouldStartWith($"Warning 1404 The order journal {_folder.File} is new, and knows of no order");
    }

    [Fact]
    public async Task The_write_ahead_log_is_used()
    {
        await using var journal = _folder.Journal();
        await journal.OpenAsync(default);

        _folder.Ask("PRAGMA journal_mode").ShouldBe("wal");
    }

    [Fact]
    public async Task Finished_entries_go_after_their_retention_and_no_others()
    {
        await using var journal = _folder.Journal();
        foreach (var number in Enumerable.Range(1, 30))
        {
            await RecordAsync(journal, Order(number));
            await SettleAsync(journal, Order(number).Settled(number % 2 == 0 ? JournalState.Executed : JournalState.NotExecuted));
        }

        await RecordAsync(journal, Order(31));
        await RecordAsync(journal, Order(32));
        await SettleAsync(journal, Order(32).Settled(JournalState.NotExecuted, rechecksLeft: 1));
        await RecordAsync(journal, Order(33));
        await SettleAsync(journal, Order(33).Settled(JournalState.Unresolved));

        _folder.Time.Advance(TimeSpan.FromDays(7));
        await RecordAsync(journal, Order(40));
        _folder.Ask("SELECT count(*) FROM entries").ShouldBe(34L);

        _folder.Time.Advance(TimeSpan.FromSeconds(2));
        await RecordAsync(journal, Order(41));
        _folder.Ask("SELECT count(*) FROM entries").ShouldBe(19L, "in small steps");

        await RecordAsync(journal, Order(42));
        _folder.List("SELECT name FROM entries ORDER BY seq").ShouldBe(["order-31", "order-32", "order-33", "order-40", "order-41", "order-42"]);
    }

    [Fact]
    public async Task The_file_and_its_log_stop_growing()
    {
        await using var journal = _folder.Journal();
        var pages = new List<long>();
        foreach (var day in Enumerable.Range(0, 30))
        {
            var orders = Enumerable.Range(day * 200, 200).Select(number => Order(number)).ToList();
            await Task.WhenAll(orders.Select(order => RecordAsync(journal, order)));
            await Task.WhenAll(orders.Select(order => SettleAsync(journal, order.Settled(JournalState.Executed, at: _folder.Time.GetUtcNow()) with { ReplyStatus = 200, Reply = new byte[300] })));

            _folder.Time.Advance(TimeSpan.FromDays(1));
            pages.Add((long)_folder.Ask("PRAGMA page_count")!);
        }

        pages[^1].ShouldBeLessThan(pages[8] * 5 / 4, string.Join(' ', pages));
        new FileInfo($"{_folder.File}-wal").Length.ShouldBeLessThan(6 * 1024 * 1024);
    }

    private static async Task RecordAsync(SqliteOrderJournal journal, JournalEntry entry) => (await journal.RecordAsync(entry, default)).ShouldBeNull();

    private static async Task SettleAsync(SqliteOrderJournal journal, JournalEntry entry) => (await journal.SettleAsync(entry, default)).ShouldBeTrue();
}
