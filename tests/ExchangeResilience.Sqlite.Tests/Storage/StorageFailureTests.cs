using System.Runtime.Versioning;
using ExchangeResilience.Journal;
using ExchangeResilience.Sqlite.Tests.Processes;
using static ExchangeResilience.Journal.JournalEntries;
using static ExchangeResilience.Sqlite.Tests.Refusals;

namespace ExchangeResilience.Sqlite.Tests.Storage;

/// <summary>Whatever is wrong with the file, the order is refused with a word about what to do, and the journal works again once that is done.</summary>
public sealed class StorageFailureTests : IDisposable
{
    // Whoever the tests run as, the process that is refused may come this far.
    private const UnixFileMode Entered = UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly JournalFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_full_disk_refuses_orders_until_there_is_room()
    {
        await using var journal = _folder.Journal();
        journal.PageLimit = 20;
        var written = 0;
        while (await RefusalAsync(journal, Order(written + 1)) is null)
        {
            written++;
        }

        (await RefusalAsync(journal, Order(written + 1))).ShouldBe($"The order journal {_folder.File} cannot be written: the disk is full. Make room; nothing else is needed.");
        written.ShouldBeGreaterThan(3);
        _folder.Ask("SELECT count(*) FROM entries").ShouldBe((long)written);

        journal.PageLimit = 0;
        (await RefusalAsync(journal, Order(written + 1))).ShouldBeNull();
        _folder.Ask("SELECT count(*) FROM entries").ShouldBe(written + 1L);
    }

    [Fact]
    public async Task When_the_disk_fills_up_each_of_those_who_wait_is_told_the_truth()
    {
        await using var journal = _folder.Journal();
        journal.PageLimit = 20;
        await journal.OpenAsync(default);
        List<Task<string?>> calls;
        using (_folder.Lock())
        {
            calls = [.. Enumerable.Range(1, 200).Select(number => RefusalAsync(journal, Order(number)))];
        }

        var refusals = await Task.WhenAll(calls);

        var written = Enumerable.Range(1, 200).Where(number => refusals[number - 1] is null).Select(number => Order(number).Id).ToList();
        written.Count.ShouldBeInRange(1, 199);
        _folder.List("SELECT id FROM entries").ShouldBe(written, ignoreOrder: true);
    }

    [Fact]
    public async Task A_verdict_finds_room_in_the_entry_it_settles()
    {
        await using var journal = _folder.Journal();
        journal.PageLimit = 20;
        var written = 0;
        while (await RefusalAsync(journal, Order(written + 1)) is null)
        {
            written++;
        }

        (await journal.SettleAsync(Order(1).Settled(JournalState.Executed), default)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_locked_file_refuses_orders_after_the_timeout_and_takes_them_once_it_is_free()
    {
        await using var journal = _folder.Journal(busyTimeout: TimeSpan.FromMilliseconds(30));
        await journal.OpenAsync(default);
        using (_folder.Lock())
        {
            (await RefusalAsync(journal, Order(1))).ShouldBe(
                $"The order journal {_folder.File} is locked by another program for longer than BusyTimeout (30ms). End what holds it, a backup or an open database browser perhaps, or raise BusyTimeout.");
        }

        (await RefusalAsync(journal, Order(1))).ShouldBeNull();
    }

    [Fact]
    public async Task A_file_locked_from_the_start_is_waited_for_no_longer()
    {
        await _folder.Journal().OpenAndCloseAsync();
        await using var journal = _folder.Journal(busyTimeout: TimeSpan.Zero);
        using (var other = _folder.Connect())
        {
            other.Ask("PRAGMA locking_mode = EXCLUSIVE");
            other.Ask("BEGIN EXCLUSIVE");

            (await RefusalAsync(journal, Order(1))).ShouldNotBeNull().ShouldContain($"{_folder.File} is locked");
        }

        (await RefusalAsync(journal, Order(1))).ShouldBeNull();
    }

    [Fact]
    public async Task A_folder_is_no_journal()
    {
        await using var journal = _folder.Journal();
        Directory.CreateDirectory(_folder.File);

        (await RefusalAsync(journal, Order(1))).ShouldBe($"The order journal {_folder.File} is a folder. Name a file.");

        Directory.Delete(_folder.File);
        (await RefusalAsync(journal, Order(1))).ShouldBeNull();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_file_that_was_cut_off_to_nothing_is_no_new_journal(bool hasLog)
    {
        var entries = await FillAsync();
        var log = await File.ReadAllBytesAsync($"{_folder.File}-wal");
        await entries.DisposeAsync();
        await File.WriteAllTextAsync(_folder.File, "");
        if (hasLog)
        {
            await File.WriteAllBytesAsync($"{_folder.File}-wal", log);
        }

        await using var journal = _folder.Journal();

        (await RefusalAsync(journal, Order(1))).ShouldNotBeNull().ShouldStartWith($"The order journal {_folder.File} is empty: something has cut it off.");
        new FileInfo($"{_folder.File}-wal").Exists.ShouldBe(hasLog);
        File.Delete(_folder.File);
        File.Delete($"{_folder.File}-wal");
        (await RefusalAsync(journal, Order(1))).ShouldBeNull();
    }

    [Fact]
    public async Task A_log_without_its_file_is_no_new_journal()
    {
        var entries = await FillAsync();
        var (file, log) = (await File.ReadAllBytesAsync(_folder.File), await File.ReadAllBytesAsync($"{_folder.File}-wal"));
        await entries.DisposeAsync();
        File.Delete(_folder.File);
        await File.WriteAllBytesAsync($"{_folder.File}-wal", log);
        await using var journal = _folder.Journal();

        (await RefusalAsync(journal, Order(1))).ShouldNotBeNull().ShouldContain($"write-ahead log {_folder.File}-wal is there");

        await File.WriteAllBytesAsync(_folder.File, file);
        (await journal.FindAsync(Order(1) with { Id = "", Run = "" }, default)).ShouldNotBeNull("the two together have it");
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public async Task A_file_with_two_names_is_refused_until_it_has_one()
    {
        await (await FillAsync()).DisposeAsync();
        var other = _folder.PathOf("other.db");
        using (var link = System.Diagnostics.Process.Start("ln", [_folder.File, other]))
        {
            await link.WaitForExitAsync();
        }

        foreach (var path in (string[])[_folder.File, other])
        {
            await using var refused = _folder.Journal(path: path);
            (await RefusalAsync(refused, Order(2))).ShouldNotBeNull().ShouldContain("a second name (a hard link)");
        }

        File.Delete(other);
        File.CreateSymbolicLink(other, _folder.File);
        await using var journal = _folder.Journal(path: other);
        (await RefusalAsync(journal, Order(2))).ShouldBeNull();
    }

    [Fact]
    public async Task Making_a_journal_leaves_nothing_else_beside_it()
    {
        await using var journal = _folder.Journal();
        (await RefusalAsync(journal, Order(1))).ShouldBeNull();

        Directory.GetFiles(_folder.Folder).Select(Path.GetFileName).ShouldBe(["orders.db", "orders.db-shm", "orders.db-wal"], ignoreOrder: true);
    }

    [Fact]
    public async Task A_path_through_a_file_leads_nowhere()
    {
        await File.WriteAllTextAsync(_folder.File, "");
        await using var journal = _folder.Journal(path: Path.Combine(_folder.File, "inner.db"));

        (await RefusalAsync(journal, Order(1))).ShouldNotBeNull().ShouldStartWith($"The order journal {Path.Combine(_folder.File, "inner.db")} cannot be made in its folder.");
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_left_as_it_is()
    {
        var text = string.Concat(Enumerable.Repeat("not a database\n", 1000));
        await File.WriteAllTextAsync(_folder.File, text);
        await using var journal = _folder.Journal();

        (await RefusalAsync(journal, Order(1))).ShouldBe($"The order journal {_folder.File} is not an order journal. Name another file; this one was left as it is.");

        (await File.ReadAllTextAsync(_folder.File)).ShouldBe(text);
        File.Delete(_folder.File);
        (await RefusalAsync(journal, Order(1))).ShouldBeNull();
    }

    [Theory]
    [InlineData("CREATE TABLE diary (day TEXT)")]
    [InlineData("PRAGMA user_version = 1")]
    [InlineData("PRAGMA application_id = 7")]
    public async Task Another_programs_database_is_left_as_it_is(string sql)
    {
        _folder.Ask($"{sql}; CREATE TABLE IF NOT EXISTS own (x)");
        var before = await File.ReadAllBytesAsync(_folder.File);
        await using var journal = _folder.Journal();

        (await RefusalAsync(journal, Order(1))).ShouldBe($"The file {_folder.File} is another program's database. Name another file for the order journal; this one was left as it is.");

        await journal.DisposeAsync();
        (await File.ReadAllBytesAsync(_folder.File)).ShouldBe(before);
    }

    [Fact]
    public async Task A_damaged_file_is_told_apart_and_taken_again_once_it_is_repaired()
    {
        await using (var earlier = _folder.Journal())
        {
            foreach (var number in Enumerable.Range(1, 100))
            {
                (await RefusalAsync(earlier, Order(number))).ShouldBeNull();
            }
        }

        var sound = await File.ReadAllBytesAsync(_folder.File);
        var damaged = sound.ToArray();
        damaged.AsSpan(4096).Fill(0xA5);
        await File.WriteAllBytesAsync(_folder.File, damaged);
        await using var journal = _folder.Journal();

        (await Should.ThrowAsync<JournalException>(async () => await journal.OpenAsync(default))).Message
            .ShouldBe($"The order journal {_folder.File} is damaged. Keep it, name another file and restart the program, and look up at the exchange what was in doubt.");
        (await RefusalAsync(journal, Order(101))).ShouldNotBeNull();

        await File.WriteAllBytesAsync(_folder.File, sound);
        (await journal.OpenAsync(default)).Entries.Count.ShouldBe(100);
        (await RefusalAsync(journal, Order(101))).ShouldBeNull();
    }

    [Fact]
    public async Task A_file_that_has_shown_damage_takes_no_orders_that_meet_none()
    {
        await using var journal = _folder.Journal();
        foreach (var number in Enumerable.Range(1, 400))
        {
            (await RefusalAsync(journal, Order(number))).ShouldBeNull();
        }

        _folder.Ask("PRAGMA wal_checkpoint(TRUNCATE)");
        var pages = (int)(long)_folder.Ask("PRAGMA page_count")!;
        using (var file = File.Open(_folder.File, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Position = 4096L * (pages / 2);
            file.Write(Enumerable.Repeat((byte)0xA5, 4096 * 8).ToArray());
        }

        var outcomes = new List<string>();
        foreach (var number in Enumerable.Range(1, 400))
        {
            outcomes.Add(await RepeatAsync(number));
        }

        var first = outcomes.FindIndex(static outcome => outcome.Contains("is damaged", StringComparison.Ordinal));
        first.ShouldBeInRange(0, 398);
        outcomes.Skip(first).ShouldAllBe(static outcome => outcome.Contains("is damaged", StringComparison.Ordinal));
        (await RefusalAsync(journal, Order(1_000))).ShouldNotBeNull("a new one too");

        async Task<string> RepeatAsync(int number)
        {
            try
            {
                return await journal.RecordAsync(Order(number, "run2"), default) is null ? "written" : "found";
            }
            catch (JournalException refused)
            {
                return refused.Message;
            }
        }
    }

    [Fact]
    public async Task A_newer_log_beside_an_older_file_is_no_journal()
    {
        var backup = _folder.PathOf("backup.db");
        byte[] log;
        await using (var earlier = _folder.Journal())
        {
            foreach (var number in Enumerable.Range(1, 100))
            {
                (await RefusalAsync(earlier, Order(number))).ShouldBeNull();
            }

            _folder.Ask($"VACUUM INTO '{backup}'");
            foreach (var number in Enumerable.Range(101, 500))
            {
                (await RefusalAsync(earlier, Order(number))).ShouldBeNull();
            }

            log = await File.ReadAllBytesAsync($"{_folder.File}-wal");
        }

        File.Move(backup, _folder.File, overwrite: true);
        await File.WriteAllBytesAsync($"{_folder.File}-wal", log);
        await using var journal = _folder.Journal();

        (await Should.ThrowAsync<JournalException>(async () => await journal.OpenAsync(default))).Message.ShouldContain("is damaged");
    }

    [Fact]
    public async Task An_entry_that_cannot_be_read_is_never_passed_over_and_stops_nobody_else()
    {
        var log = new LogLines();
        await using var journal = new SqliteOrderJournal(new() { Path = _folder.File }, _folder.Time, log);
        (await RefusalAsync(journal, Order(1))).ShouldBeNull();
        (await RefusalAsync(journal, Order(2))).ShouldBeNull();
        _folder.Ask("UPDATE entries SET document = x'7b' WHERE name = 'order-1'");

        (await journal.OpenAsync(default)).Entries.ShouldHaveSingleItem().Id.ShouldBe(Order(2).Id);
        var refused = RefusalAsync(journal, Order(1, "run2"));
        var written = RefusalAsync(journal, Order(3));

        (await refused).ShouldBe("The journal holds an entry of this id that cannot be read. Look the order up at the exchange, then delete the entry.");
        (await written).ShouldBeNull();
        log.Troubles.ShouldBe([$"Error 1402 The order journal's entry {Order(1).Id} of order-1 on BTCUSDT cannot be read: new orders with that id are refused. Look the order up at the exchange, then delete the entry"]);
        _folder.Ask("DELETE FROM entries WHERE name = 'order-1'");
        (await RefusalAsync(journal, Order(1, "run2"))).ShouldBeNull();
    }

    [Fact]
    public async Task What_lies_behind_the_newest_order_of_an_account_is_not_read()
    {
        await using var journal = _folder.Journal();
        (await RefusalAsync(journal, Order(1))).ShouldBeNull();
        (await journal.SettleAsync(Order(1).Settled(JournalState.Executed), default)).ShouldBeTrue();
        (await RefusalAsync(journal, Order(1, id: "second"))).ShouldBeNull();
        (await journal.SettleAsync(Order(1, id: "second").Settled(JournalState.Executed), default)).ShouldBeTrue();
        _folder.Ask($"UPDATE entries SET document = x'7b' WHERE id = '{Order(1).Id}'");

        (await RefusalAsync(journal, Order(1, id: "third"))).ShouldBeNull();
    }

    [Fact]
    public async Task A_file_that_disappears_is_missed_and_not_replaced_by_an_empty_one()
    {
        await using var journal = _folder.Journal();
        (await RefusalAsync(journal, Order(1))).ShouldBeNull();
        File.Move(_folder.File, _folder.PathOf("elsewhere.db"));

        (await RefusalAsync(journal, Order(2))).ShouldBe(
            $"The order journal {_folder.File} was moved or deleted while it was in use. Put it back; without it a restart does not know what is in doubt.");
        (await RefusalAsync(journal, Order(2))).ShouldNotBeNull();
        File.Exists(_folder.File).ShouldBeFalse();

        File.Move(_folder.PathOf("elsewhere.db"), _folder.File);
        (await journal.OpenAsync(default)).Entries.ShouldHaveSingleItem().Id.ShouldBe(Order(1).Id);
        (await RefusalAsync(journal, Order(2))).ShouldBeNull();
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_read_only_file_refuses_orders()
    {
        await _folder.Journal().OpenAndCloseAsync();
        File.SetUnixFileMode(_folder.Folder, Entered | UnixFileMode.UserWrite);
        File.SetUnixFileMode(_folder.File, UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead);

        (await JournalProcess.RunAsync("refuse", _folder.File)).ShouldBe(
            [$"The order journal {_folder.File} cannot be written: it is read-only. Give the program's user write permission on the file and on its folder."]);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_read_only_folder_refuses_orders()
    {
        File.SetUnixFileMode(_folder.Folder, Entered);

        (await JournalProcess.RunAsync("refuse", _folder.File)).ShouldBe(
            [$"The order journal {_folder.File} cannot be made in its folder. Give the program's user write permission there, or name another path."]);
    }

    [Fact]
    public async Task Failing_and_working_again_is_logged_once_each()
    {
        var log = new LogLines();
        await using var journal = new SqliteOrderJournal(new() { Path = _folder.File, BusyTimeout = TimeSpan.Zero }, _folder.Time, log);
        await journal.OpenAsync(default);
        using (_folder.Lock())
        {
            (await RefusalAsync(journal, Order(1))).ShouldNotBeNull();
            (await RefusalAsync(journal, Order(2))).ShouldNotBeNull();
        }

        _folder.Time.Advance(TimeSpan.FromMinutes(1));
        (await RefusalAsync(journal, Order(1))).ShouldBeNull();
        (await RefusalAsync(journal, Order(2))).ShouldBeNull();

        log.Troubles.Count.ShouldBe(2);
        log.Troubles[0].ShouldStartWith($"Error 1400 The order journal {_folder.File} is locked");
        log.Troubles[1].ShouldBe("Warning 1401 The order journal works again: no write has failed for a minute");
    }

    [Fact]
    public async Task A_journal_that_writes_now_and_then_is_one_trouble_until_none_has_failed_for_a_minute()
    {
        var log = new LogLines();
        await using var journal = new SqliteOrderJournal(new() { Path = _folder.File, BusyTimeout = TimeSpan.Zero }, _folder.Time, log);
        await journal.OpenAsync(default);
        for (var number = 1; number <= 3; number++)
        {
            using (_folder.Lock())
            {
                (await RefusalAsync(journal, Order(number))).ShouldNotBeNull();
            }

            _folder.Time.Advance(TimeSpan.FromSeconds(59));
            (await RefusalAsync(journal, Order(number))).ShouldBeNull();
            log.Troubles.ShouldHaveSingleItem().ShouldStartWith("Error 1400");
        }

        _folder.Time.Advance(TimeSpan.FromSeconds(1));
        (await RefusalAsync(journal, Order(4))).ShouldBeNull();

        // The line is written once the caller has its answer: before the next call has its own.
        await journal.FindAsync(Order(5), default);
        log.Troubles.Skip(1).ShouldHaveSingleItem().ShouldStartWith("Warning 1401");
    }

    [Fact]
    public async Task That_the_file_can_be_read_does_not_say_that_it_works_again()
    {
        var log = new LogLines();
        await using var journal = new SqliteOrderJournal(new() { Path = _folder.File, BusyTimeout = TimeSpan.Zero }, _folder.Time, log);
        await journal.OpenAsync(default);
        using (_folder.Lock())
        {
            (await RefusalAsync(journal, Order(1))).ShouldNotBeNull();
        }

        (await journal.FindAsync(Order(1), default)).ShouldBeNull();
        (await journal.SettleAsync(Order(1).Settled(JournalState.NotExecuted), default)).ShouldBeFalse("it was never written");

        log.Troubles.ShouldHaveSingleItem().ShouldStartWith("Error 1400");
    }

    private async Task<SqliteOrderJournal> FillAsync()
    {
        var journal = _folder.Journal();
        (await RefusalAsync(journal, Order(1))).ShouldBeNull();
        return journal;
    }
}
