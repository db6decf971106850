using ExchangeResilience.Journal;
using Npgsql;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests.Storage;

/// <summary>The tables are made by whoever comes first, and by nobody who may not.</summary>
public sealed class SchemaTests(PostgreSqlServer server) : IAsyncDisposable
{
    private static readonly string[] Migrations = [SchemaVersion1.Sql, SchemaVersion2.Sql, SchemaVersion3.Sql, SchemaVersion4.Sql, SchemaVersion5.Sql, SchemaVersion6.Sql, SchemaVersion7.Sql, SchemaVersion8.Sql, SchemaVersion9.Sql];

    private readonly TestStore _store = new(server.ConnectionString);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Eight_that_start_at_once_migrate_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () => await _store.Member(listens: false).OpenAsync(Stop))));

        (await _store.AskAsync("SELECT count(*) FROM {schema}.schema_version")).ShouldBe((long)Schema.Current.Version);
        (await _store.AskAsync("SELECT count(*) FROM {schema}.members")).ShouldBe(8L);
    }

    [Fact]
    public async Task A_later_version_adds_to_what_is_there()
    {
        var first = await _store.JoinAsync(listens: false);
        await first.RecordAsync(Order(1) with { Run = first.Member }, Stop);
        await first.DisposeAsync();
        var later = new Schema([.. Migrations, "ALTER TABLE \"{schema}\".entries ADD COLUMN note text;"]);

        await using var second = new PostgreSqlJournal(
            new() { Schema = _store.Schema, ConnectionString = _store.ConnectionString }, null, _store.Time, new RandomSource(new Random()), listens: false, schema: later);

        (await second.OpenAsync(Stop)).Entries.ShouldHaveSingleItem();
        (await _store.AskAsync("SELECT max(version) FROM {schema}.schema_version")).ShouldBe(Schema.Current.Version + 1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Every_earlier_version_is_brought_up_to_date_and_its_orders_are_met_under_any_name(int version)
    {
        await MakeAsync(version);
        await RecordAsync("old", Order(1));
        var member = _store.Member(listens: false);

        var entry = (await member.OpenAsync(Stop)).Entries.ShouldHaveSingleItem();

        (await _store.AskAsync("SELECT max(version) FROM {schema}.schema_version")).ShouldBe(Schema.Current.Version);
        (entry.Id, entry.Run).ShouldBe((Order(1).Id, member.Member));
        var renamed = Order(1, "run2") with { Run = member.Member, Key = Order(1).Key with { Environment = "production" } };
        (await member.RecordAsync(renamed, Stop)).ShouldNotBeNull().Id.ShouldBe(entry.Id);
        (await member.SettleAsync(entry.Settled(JournalState.NotExecuted), Stop)).ShouldBeTrue();
        (await member.RecordAsync(renamed, Stop)).ShouldBeNull();
    }

    [Fact]
    public async Task Members_that_were_running_before_the_migration_go_on_beside_the_new_ones()
    {
        await MakeAsync(2);
        await _store.RunAsync("SELECT {schema}.renew_lease('old', 'old', '1 hour')");
        await RecordAsync("old", Order(1));
        var member = await _store.JoinAsync(listens: false);

        (await member.RecordAsync(Order(1) with { Id = "new", Run = member.Member }, Stop)).ShouldNotBeNull().Id.ShouldBe(Order(1).Id);
        (await member.RecordAsync(Order(2) with { Id = "new", Run = member.Member }, Stop)).ShouldBeNull();
        (await RecordAsync("old", Order(2))).ShouldNotBeNull();
        (await RecordAsync("old", Order(3))).ShouldBeNull();
        (await _store.AskAsync("SELECT {schema}.settle_entry('old', 0, $1, 'Executed', true, true, $2::jsonb)", Order(1).Id, Json(Order(1).Settled(JournalState.Executed)))).ShouldBe(true);
    }

    [Fact]
    public async Task What_members_of_the_first_two_versions_take_over_is_of_a_client_and_an_account_of_theirs()
    {
        await MakeAsync(2);
        await RecordAsync("gone", Order(1));
        await using var migrating = await _store.JoinAsync(listens: false);
        await _store.RunAsync("UPDATE {schema}.entries SET holder = 'gone', fence = 0; SELECT {schema}.renew_lease('old', 'old', '1 hour')");

        await _store.RunAsync("SELECT {schema}.take_over('old', 10, ARRAY['futures'], ARRAY['another'])");
        (await _store.AskAsync("SELECT holder FROM {schema}.entries")).ShouldBe("gone");
        await _store.RunAsync("SELECT {schema}.take_over('old', 10, $1, $2)", new[] { Order(1).ClientName }, new[] { Order(1).Key.Account });
        (await _store.AskAsync("SELECT holder FROM {schema}.entries")).ShouldBe("old");
    }

    [Fact]
    public async Task Statistics_of_a_day_when_nothing_was_finished_do_not_outlive_the_migration()
    {
        await MakeAsync(6);
        await RecordAsync("old", Order(1));
        await _store.RunAsync("ANALYZE {schema}.entries");
        await _store.JoinAsync(listens: false);

        await _store.RunAsync("ANALYZE {schema}.entries");

        (await _store.AskAsync("SELECT count(*) FROM pg_stats WHERE schemaname = $1 AND tablename = 'entries' AND attname = 'finished_at'", _store.Schema)).ShouldBe(0L);
    }

    [Fact]
    public void Members_of_both_sides_of_the_migration_wait_for_each_other()
    {
        var (entry, schema) = (new StoredEntry(Order(1), "s"), "s");

        entry.Locks.ShouldBe([StoredEntry.LockOf(schema, "BTCUSDT", "Place", "order-1"), StoredEntry.LockOf(schema, "live", "main", "BTCUSDT", "Place", "order-1")]);
    }

    [Fact]
    public async Task A_newer_librarys_store_is_refused()
    {
        await _store.JoinAsync(listens: false);
        await _store.RunAsync("INSERT INTO {schema}.schema_version (version) VALUES (99)");

        var refused = await Should.ThrowAsync<JournalException>(async () => await _store.Member().OpenAsync(Stop));

        refused.Message.ShouldBe($"The shared store's schema {_store.Schema} has version 99; this library knows versions up to {Schema.Current.Version}. Update the library, or name another schema.");
    }

    [Fact]
    public async Task A_role_that_may_only_use_the_tables_is_enough_once_an_administrator_has_migrated()
    {
        var role = $"bot_{_store.Schema}";
        await _store.RunAsync($"CREATE ROLE {role} LOGIN PASSWORD 'weak'");
        var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = role, Password = "weak", Pooling = false }.ConnectionString;
        try
        {
            await using (var early = _store.Member(listens: false, connectionString: connection))
            {
                (await Should.ThrowAsync<JournalException>(async () => await early.OpenAsync(Stop))).Message
                    .ShouldBe($"The shared store refuses what this role may not do. Let a role that may create things migrate once, then grant USAGE on schema {_store.Schema}, SELECT on its tables and EXECUTE on its functions.");
            }

            await _store.RunAsync(PostgreSqlExchangeStateSchema.Script(_store.Schema));
            await _store.RunAsync(Grants.Replace("exchange_resilience", _store.Schema, StringComparison.Ordinal).Replace("trading_bot", role, StringComparison.Ordinal));

            await using var member = _store.Member(connectionString: connection);
            await member.OpenAsync(Stop);
            (await member.RecordAsync(Order(1) with { Run = member.Member }, Stop)).ShouldBeNull();
            (await member.SettleAsync((Order(1) with { Run = member.Member }).Settled(JournalState.Executed), Stop)).ShouldBeTrue();
            await member.HoldAsync(new("live", TrafficLane.Ip, "default", -1003, 5, _store.Time.GetUtcNow().AddMinutes(2)), Stop);
            await member.OpenAsync(Stop);
        }
        finally
        {
            await _store.RunAsync($"DROP OWNED BY {role}");
            await _store.RunAsync($"DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task A_role_that_could_tell_of_holds_can_after_the_migration()
    {
        await MakeAsync(7);
        var role = $"bot_{_store.Schema}";
        await _store.RunAsync($"CREATE ROLE {role} LOGIN PASSWORD 'weak'; GRANT USAGE ON SCHEMA {{schema}} TO {role}; GRANT SELECT ON ALL TABLES IN SCHEMA {{schema}} TO {role}; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {{schema}} TO {role}");
        try
        {
            await _store.JoinAsync(listens: false);
            await using var member = _store.Member(listens: false, connectionString: new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = role, Password = "weak", Pooling = false }.ConnectionString);
            await member.OpenAsync(Stop);

            await member.HoldAsync(new("live", TrafficLane.Ip, "default", -1003, 5, _store.Time.GetUtcNow().AddMinutes(2)), Stop);
            (await member.Budget.AskAsync(new(new("live", TrafficLane.Ip, "default", TimeSpan.FromMinutes(1)), 1, 1, 10, 1, 10, 0, 0), Stop)).Granted.ShouldBe(1);

            (await member.OpenAsync(Stop)).Holds.ShouldHaveSingleItem();
        }
        finally
        {
            await _store.RunAsync($"DROP OWNED BY {role}; DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task The_page_names_the_tables_there_are()
    {
        await _store.JoinAsync(listens: false);

        Page.Split('\n').SkipWhile(static line => line != "## The tables").Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).Select(static line => line.Split('`')[1]).Order(StringComparer.Ordinal)
            .ShouldBe(((string)(await _store.AskAsync("SELECT string_agg(table_name, ' ' ORDER BY table_name COLLATE \"C\") FROM information_schema.tables WHERE table_schema = $1", _store.Schema))!).Split(' '));
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    /// <summary>A store as an earlier version made it.</summary>
    private Task MakeAsync(int version) => _store.RunAsync(new Schema([.. Migrations.Take(version)]).Script(_store.Schema));

    /// <summary>Writes as members of the first two versions do.</summary>
    private async Task<object?> RecordAsync(string member, JournalEntry entry) => await _store.AskAsync(
        "SELECT {schema}.record_entry($1, 0, $2, $3, $4, $5, 'Place', $6, 'Open', false, NULL, $7::jsonb)",
        member, entry.Id, entry.Key.Environment, entry.Key.Account, entry.Key.Symbol, entry.Key.Id, Json(entry with { Run = member })) is var answer and not DBNull ? answer : null;

    private static string Json(JournalEntry entry) => System.Text.Encoding.UTF8.GetString(entry.ToJson());

    /// <summary>The statements of the package's page.</summary>
    private static string Grants
    {
        get
        {
            var start = Page.IndexOf("GRANT USAGE", StringComparison.Ordinal);
            return Page[start..Page.IndexOf("```", start, StringComparison.Ordinal)];
        }
    }

    private static string Page => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.PostgreSql.md"));
}
