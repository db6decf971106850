using System.Runtime.Versioning;
using ExchangeResilience.Journal;
using ExchangeResilience.Sqlite.Tests.Processes;
using Microsoft.Data.Sqlite;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.Sqlite.Tests.Storage;

/// <summary>A ban that the file holds is known whatever keeps the file from being written, and whatever else stands in it.</summary>
public sealed class KeptHoldsTests : IDisposable
{
    private const UnixFileMode Everybody = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Entered = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static readonly JournalHold Ban = new("live", TrafficLane.Ip, "default", -1003, 1767225610000, Start.AddSeconds(10)) { UntilUptime = TimeSpan.FromHours(1), Boot = "this one" };

    private readonly JournalFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Where_there_is_no_file_there_are_none_and_none_is_made()
    {
        (await ReadAsync()).ShouldBeEmpty();

        Directory.EnumerateFileSystemEntries(_folder.Folder).ShouldBeEmpty();
    }

    [Fact]
    public async Task They_are_read_while_another_program_writes()
    {
        await KeepAsync(Ban);
        using (_folder.Lock())
        {
            (await ReadAsync()).ShouldBe([Ban]);
        }
    }

    [Fact]
    public async Task They_are_read_while_another_program_lets_nobody_else_in()
    {
        await KeepAsync(Ban);
        using var other = _folder.Connect();
        other.Ask("PRAGMA locking_mode = EXCLUSIVE");
        other.Ask("BEGIN EXCLUSIVE");
        other.Ask("UPDATE holds SET code = code");

        (await ReadAsync()).ShouldBe([Ban]);
    }

    [Fact]
    public async Task They_are_read_while_the_program_itself_has_the_file_open()
    {
        await using var journal = _folder.Journal();
        await journal.OpenAsync(default);
        await journal.HoldAsync(Ban, default);

        (await journal.ReadHoldsAsync(default)).ShouldBe([Ban]);
        (await journal.RecordAsync(Order(1), default)).ShouldBeNull();
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task They_are_read_of_a_read_only_file_in_a_read_only_folder()
    {
        await KeepAsync(Ban);
        File.SetUnixFileMode(_folder.File, Everybody);
        File.SetUnixFileMode(_folder.Folder, Entered);

        (await JournalProcess.RunAsync("holds", _folder.File)).ShouldBe(["-1003"]);
    }

    [Fact]
    public async Task They_are_read_of_what_a_crash_left_where_a_full_disk_has_no_room_for_what_processes_share()
    {
        await using var journal = _folder.Journal();
        await journal.OpenAsync(default);
        await journal.HoldAsync(Ban, default);
        var crashed = _folder.PathOf("crashed.db");
        File.Copy(_folder.File, crashed);
        File.Copy(_folder.File + "-wal", crashed + "-wal");
        Directory.CreateDirectory(crashed + "-shm");
        var before = await File.ReadAllBytesAsync(crashed + "-wal");

        await using var next = _folder.Journal(path: crashed);
        (await next.ReadHoldsAsync(default)).ShouldBe([Ban]);

        (await File.ReadAllBytesAsync(crashed + "-wal")).ShouldBe(before, "what is not in the file yet stays where it is");
        await Should.ThrowAsync<JournalException>(async () => await next.OpenAsync(default));
    }

    [Fact]
    public async Task They_are_read_of_a_file_that_an_earlier_library_made()
    {
        await KeepAsync(Ban);
        _folder.Ask("ALTER TABLE holds DROP COLUMN boot; ALTER TABLE holds DROP COLUMN until_uptime_ms; PRAGMA user_version = 2");

        (await ReadAsync()).ShouldBe([Ban with { UntilUptime = null, Boot = null }]);
    }

    [Fact]
    public async Task Another_programs_database_has_none()
    {
        _folder.Ask("CREATE TABLE holds (environment, lane, scope, code, until_exchange_ms, until_ms, until_uptime_ms, boot); INSERT INTO holds VALUES (1, 2, 3, 4, 5, 6, 7, 8); PRAGMA user_version = 3");

        (await ReadAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_told_apart()
    {
        await File.WriteAllTextAsync(_folder.File, string.Concat(Enumerable.Repeat("not a database\n", 1000)));

        (await Should.ThrowAsync<JournalException>(ReadAsync)).Message.ShouldContain("is not an order journal");
    }

    [Theory]
    [InlineData("Account")]
    [InlineData("None")]
    [InlineData("7")]
    [InlineData("")]
    public async Task One_of_an_unknown_lane_holds_the_address_and_hides_neither_the_others_nor_an_order(string lane)
    {
        await KeepAsync(Ban);
        _folder.Ask($"INSERT INTO holds VALUES ('live', '{lane}', 'somebody', -1015, 1767225620000, 1767225620000, NULL, NULL)");
        var log = new LogLines();
        await using var journal = new SqliteOrderJournal(new() { Path = _folder.File }, _folder.Time, log);
        (await journal.RecordAsync(Order(1), default)).ShouldBeNull();
        JournalHold[] expected =
        [
            Ban,
            new("live", TrafficLane.Ip, "somebody", -1015, 1767225620000, Start.AddSeconds(20)),
            new("live", TrafficLane.Ip, "default", -1015, 1767225620000, Start.AddSeconds(20)),
        ];

        var contents = await journal.OpenAsync(default);

        contents.Holds.ShouldBe(expected, ignoreOrder: true);
        contents.Entries.ShouldHaveSingleItem();
        log.Troubles.ShouldHaveSingleItem().ShouldStartWith($"Error 1403 The order journal has a hold of a lane this library does not know ('{lane}' of somebody)");
        (await journal.ReadHoldsAsync(default)).ShouldBe(expected, ignoreOrder: true);
    }

    [Fact]
    public async Task One_with_an_end_beyond_time_hides_no_other()
    {
        await KeepAsync(Ban);
        _folder.Ask($"INSERT INTO holds VALUES ('live', 'Orders', 'a', {long.MaxValue}, {long.MaxValue}, {long.MaxValue}, {long.MaxValue}, 'x'), ('live', 'Orders', 'b', {long.MinValue}, {long.MinValue}, {long.MinValue}, {long.MinValue}, 'x')");

        var holds = await ReadAsync();

        holds.ShouldContain(Ban);
        holds.Single(hold => hold.Scope == "a").Until.ShouldBeGreaterThan(Start.AddYears(1000));
        holds.Single(hold => hold.Scope == "b").Until.ShouldBeLessThan(Start);
        await using var journal = _folder.Journal();
        (await journal.OpenAsync(default)).Holds.ShouldBe(holds, ignoreOrder: true);
    }

    [Theory]
    [InlineData(4874, "cannot be written: the disk is full. Make room; nothing else is needed.")]
    [InlineData(266, "cannot be read or written: the disk failed. Look at the system's log; nothing else is needed once the disk works.")]
    public void A_disk_that_is_full_when_the_file_is_opened_is_told_from_one_that_failed(int extended, string told) =>
        JournalFailures.Of(_folder.File, TimeSpan.Zero, new SqliteException("disk I/O error", 10, extended)).Message.ShouldBe($"The order journal {_folder.File} {told}");

    [Fact]
    public void So_is_one_that_is_full_when_the_file_is_made() =>
        JournalFailures.NoFolder(_folder.File, new IOException("No space left on device", OperatingSystem.IsWindows() ? unchecked((int)0x80070070) : 28)).Message
            .ShouldBe($"The order journal {_folder.File} cannot be written: the disk is full. Make room; nothing else is needed.");

    private async Task KeepAsync(JournalHold hold)
    {
        await using var journal = _folder.Journal();
        await journal.OpenAsync(default);
        await journal.HoldAsync(hold, default);
    }

    private async Task<IReadOnlyList<JournalHold>> ReadAsync()
    {
        await using var journal = _folder.Journal();
        return await journal.ReadHoldsAsync(default);
    }
}
