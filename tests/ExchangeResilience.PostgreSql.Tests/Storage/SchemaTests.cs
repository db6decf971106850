using Npgsql;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests.Storage;

/// <summary>The tables are made by whoever comes first, and by nobody who may not.</summary>
public sealed class SchemaTests(PostgreSqlServer server) : IAsyncDisposable
{
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
        var later = new Schema([SchemaVersion1.Sql, "ALTER TABLE \"{schema}\".entries ADD COLUMN note text;"]);

        await using var second = new PostgreSqlJournal(
            new() { Schema = _store.Schema, ConnectionString = _store.ConnectionString }, null, _store.Time, new RandomSource(new Random()), listens: false, schema: later);

        (await second.OpenAsync(Stop)).Entries.ShouldHaveSingleItem();
        (await _store.AskAsync("SELECT max(version) FROM {schema}.schema_version")).ShouldBe(2);
    }

    [Fact]
    public async Task A_newer_librarys_store_is_refused()
    {
        await _store.JoinAsync(listens: false);
        await _store.RunAsync("INSERT INTO {schema}.schema_version (version) VALUES (99)");

        var refused = await Should.ThrowAsync<JournalException>(async () => await _store.Member().OpenAsync(Stop));

        refused.Message.ShouldBe($"The shared store's schema {_store.Schema} has version 99; this library knows versions up to 1. Update the library, or name another schema.");
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
                    .ShouldBe($"The shared store refuses what this role may not do. Let a role that may create things migrate once, then grant USAGE on schema {_store.Schema}, SELECT, INSERT, UPDATE and DELETE on its tables and EXECUTE on its functions.");
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

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    /// <summary>The statements of the package's page.</summary>
    private static string Grants
    {
        get
        {
            var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "README.PostgreSql.md"));
            var start = page.IndexOf("GRANT USAGE", StringComparison.Ordinal);
            return page[start..page.IndexOf("```", start, StringComparison.Ordinal)];
        }
    }
}
