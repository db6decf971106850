using System.Globalization;
using System.Text;
using ExchangeResilience.Journal;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.Sqlite.Tests.Storage;

public sealed class SchemaTests : IDisposable
{
    // A file as version 1 made it. It never changes: such files are about.
    private const string Version1 = """
        CREATE TABLE entries (
            seq INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            environment TEXT NOT NULL,
            account TEXT NOT NULL,
            symbol TEXT NOT NULL,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            run TEXT NOT NULL,
            state TEXT NOT NULL,
            finished_at INTEGER,
            document BLOB NOT NULL
        ) STRICT;
        CREATE INDEX entries_by_key ON entries (name, symbol, kind, account, environment);
        CREATE INDEX entries_finished ON entries (finished_at) WHERE finished_at IS NOT NULL;
        CREATE INDEX entries_unfinished ON entries (seq) WHERE finished_at IS NULL;
        CREATE TABLE holds (
            environment TEXT NOT NULL,
            lane TEXT NOT NULL,
            scope TEXT NOT NULL,
            code INTEGER NOT NULL,
            until_exchange_ms INTEGER NOT NULL,
            until_ms INTEGER NOT NULL,
            PRIMARY KEY (environment, lane, scope)
        ) STRICT, WITHOUT ROWID;
        PRAGMA application_id = 1330793036;
        PRAGMA user_version = 1;
        INSERT INTO entries VALUES (1, 'aaaaaaaaaaaaaaaaaaaa', 'live', 'main', 'BTCUSDT', 'Place', 'order-1', 'rrrrrrrrrrrrrrrrrrrr', 'Open', NULL,
            CAST('{"id":"aaaaaaaaaaaaaaaaaaaa","run":"rrrrrrrrrrrrrrrrrrrr","key":{"environment":"live","account":"main","symbol":"BTCUSDT","kind":"Place","id":"order-1"},"clientName":"futures","host":"https://exchange.example","venue":"BinanceUsdFutures","method":"POST","path":"/fapi/v1/order","clientOrderId":"order-1","fingerprint":"f","trail":[],"attempts":[{"notBeforeMs":1767225600000,"noStampAfterMs":1767225605000,"recvWindowMs":5000}]}' AS BLOB));
        INSERT INTO holds VALUES ('live', 'Ip', 'default', -1003, 1767225610000, 1767225610000);
        """;

    private readonly JournalFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_of_version_1_is_read_and_written()
    {
        Make(Version1);
        await using var journal = _folder.Journal();

        var contents = await journal.OpenAsync(default);

        var entry = contents.Entries.ShouldHaveSingleItem();
        (entry.Key, entry.Attempts.ShouldHaveSingleItem()).ShouldBe((Order(1).Key, Attempt(0)));
        contents.Holds.ShouldBe([new("live", TrafficLane.Ip, "default", -1003, 1767225610000, Start.AddSeconds(10))]);
        (await journal.RecordAsync(Order(1), default)).ShouldNotBeNull().Id.ShouldBe(entry.Id);
        (await journal.SettleAsync(entry.Settled(JournalState.NotExecuted), default)).ShouldBeTrue();
        (await journal.RecordAsync(Order(1), default)).ShouldBeNull();
    }

    [Theory]
    [InlineData("")]
    [InlineData("DROP INDEX entries_by_key; CREATE INDEX entries_by_name ON entries (name, symbol, kind); PRAGMA user_version = 2;")]
    public async Task A_file_of_an_earlier_version_becomes_what_a_new_one_is(string version2)
    {
        await _folder.Journal().OpenAndCloseAsync();
        var made = Definitions();
        File.Delete(_folder.File);
        Make(Version1 + version2);
        await _folder.Journal().OpenAndCloseAsync();

        Definitions().ShouldBe(made);
        Schema.Current.Version.ShouldBe(3, "a further version needs a test that it is reached from each earlier one");
    }

    [Fact]
    public async Task The_orders_of_a_name_are_read_newest_first_without_being_sorted()
    {
        await _folder.Journal().OpenAndCloseAsync();

        using var connection = _folder.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = $"EXPLAIN QUERY PLAN {JournalTables.NewestNamesakes}";
        foreach (var name in (string[])["$name", "$symbol", "$kind"])
        {
            command.Parameters.AddWithValue(name, "a");
        }

        using var rows = command.ExecuteReader();
        rows.Read().ShouldBeTrue();
        rows.GetString(3).ShouldBe("SEARCH entries USING INDEX entries_by_name (name=? AND symbol=? AND kind=?)");
        rows.Read().ShouldBeFalse();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_earlier_version_is_brought_up_to_date_without_a_loss(int from)
    {
        string[] migrations = ["SELECT 'never run on what is version 1 already' FROM nowhere", "ALTER TABLE holds ADD COLUMN until_uptime_ms INTEGER; ALTER TABLE holds ADD COLUMN boot TEXT; ALTER TABLE entries ADD COLUMN two TEXT", "ALTER TABLE entries ADD COLUMN three TEXT"];
        Make(Version1 + string.Concat(migrations[1..from].Select(migration => migration + ";")) + string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {from};"));
        await using var journal = Journal(new(migrations));

        (await journal.OpenAsync(default)).Entries.ShouldHaveSingleItem();

        _folder.Ask("PRAGMA user_version").ShouldBe(3L);
        _folder.Ask("SELECT two IS NULL AND three IS NULL FROM entries").ShouldBe(1L);
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_the_file_at_its_version()
    {
        Make(Version1);
        await using (var newer = Journal(new(["", "ALTER TABLE entries ADD COLUMN two TEXT", "SELECT * FROM nowhere"])))
        {
            await Should.ThrowAsync<JournalException>(async () => await newer.OpenAsync(default));
        }

        _folder.Ask("PRAGMA user_version").ShouldBe(1L);
        await using var journal = _folder.Journal();
        (await journal.OpenAsync(default)).Entries.ShouldHaveSingleItem();
        _folder.Ask("SELECT count(*) FROM pragma_table_info('entries') WHERE name = 'two'").ShouldBe(0L);
    }

    [Fact]
    public async Task A_newer_librarys_file_is_refused()
    {
        Make(Version1 + "PRAGMA user_version = 4;");
        await using var journal = _folder.Journal();

        var refused = await Should.ThrowAsync<JournalException>(async () => await journal.OpenAsync(default));

        refused.Message.ShouldBe($"The order journal {_folder.File} has schema version 4; this library knows versions up to 3. Update the library, or name another file.");
    }

    private SqliteOrderJournal Journal(Schema schema) => new(new() { Path = _folder.File }, _folder.Time, schema: schema);

    private void Make(string sql)
    {
        using var connection = _folder.Connect();
        connection.Ask(sql);
    }

    private string Definitions()
    {
        using var connection = _folder.Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT name, sql FROM sqlite_schema ORDER BY name";
        using var rows = command.ExecuteReader();
        var text = new StringBuilder();
        while (rows.Read())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"{rows.GetString(0)}: {(rows.IsDBNull(1) ? "" : rows.GetString(1))}");
        }

        return text.ToString();
    }
}
