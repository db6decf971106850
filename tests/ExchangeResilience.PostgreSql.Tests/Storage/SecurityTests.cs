using ExchangeResilience.Journal;
using Npgsql;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests.Storage;

/// <summary>The database is shared with roles that are not trusted.</summary>
public sealed class SecurityTests(PostgreSqlServer server) : IAsyncDisposable
{
    private readonly TestStore _store = new(server.ConnectionString);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_another_schema_has_made_never_runs_in_the_name_of_a_member()
    {
        var trap = $"trap_{_store.Schema}";
        await _store.RunAsync(
            $$"""
            CREATE SCHEMA {{trap}};
            CREATE SEQUENCE {{trap}}.hits;
            CREATE FUNCTION {{trap}}.divide(interval, integer) RETURNS interval LANGUAGE sql AS $f$ SELECT nextval('{{trap}}.hits'); SELECT $1 $f$;
            CREATE OPERATOR {{trap}}./ (LEFTARG = interval, RIGHTARG = integer, FUNCTION = {{trap}}.divide);
            CREATE FUNCTION {{trap}}.same(text, text) RETURNS boolean LANGUAGE sql AS $f$ SELECT nextval('{{trap}}.hits'); SELECT true $f$;
            CREATE OPERATOR {{trap}}.= (LEFTARG = text, RIGHTARG = text, FUNCTION = {{trap}}.same);
            CREATE FUNCTION {{trap}}.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $f$ SELECT nextval('{{trap}}.hits'); SELECT now() $f$;
            CREATE FUNCTION {{trap}}.set_config(text, text, boolean) RETURNS text LANGUAGE sql AS $f$ SELECT nextval('{{trap}}.hits'); SELECT $2 $f$;
            """);
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Options = $"-c search_path={trap},pg_catalog" }.ConnectionString;
            await using var member = _store.Member(connectionString: connection);
            await member.OpenAsync(Stop);
            var order = Order(1) with { Run = member.Member };
            (await member.RecordAsync(order, Stop)).ShouldBeNull();
            (await member.SettleAsync(order.Settled(JournalState.Executed), Stop)).ShouldBeTrue();
            await member.HoldAsync(new("live", TrafficLane.Ip, "default", -1003, 5, _store.Time.GetUtcNow().AddMinutes(2)), Stop);
            await member.Budget.AskAsync(new BudgetAsk(new("live", TrafficLane.Ip, "default", TimeSpan.FromMinutes(1)), 1, 1, 10, 1, 10, 0, 0), Stop);
            await member.OpenAsync(Stop);
            await member.DisposeAsync();

            (await _store.AskAsync($"SELECT is_called FROM {trap}.hits")).ShouldBe(false);
            (await _store.AskAsync(
                "SELECT count(*) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = $1 AND NOT coalesce('search_path=pg_catalog, pg_temp' = ANY(p.proconfig), false)", _store.Schema)).ShouldBe(0L);
        }
        finally
        {
            await _store.RunAsync($"DROP SCHEMA {trap} CASCADE");
        }
    }

    [Fact]
    public async Task Announcements_without_end_make_no_heartbeats_without_end()
    {
        await using var member = await _store.JoinAsync();
        await _store.RunAsync(
            """
            CREATE SEQUENCE {schema}.beats;
            CREATE FUNCTION {schema}.beat() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN PERFORM nextval('{schema}.beats'); RETURN NEW; END $f$;
            CREATE TRIGGER beat BEFORE UPDATE ON {schema}.members FOR EACH ROW EXECUTE FUNCTION {schema}.beat();
            """);

        var since = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(since) < TimeSpan.FromSeconds(2))
        {
            await _store.RunAsync("NOTIFY {schema}, 'left'; NOTIFY {schema}, 'hold';");
        }

        ((long)(await _store.AskAsync("SELECT nextval('{schema}.beats')"))!).ShouldBeLessThanOrEqualTo(7, "one when it began to listen, and one a second");
    }

    [Fact]
    public async Task A_role_that_may_use_the_functions_may_not_write_to_the_tables_and_one_that_may_connect_may_not_even_read()
    {
        await _store.JoinAsync(listens: false);
        var (bot, guest) = ($"bot_{_store.Schema}", $"guest_{_store.Schema}");
        await _store.RunAsync($"CREATE ROLE {bot} LOGIN PASSWORD 'weak'; CREATE ROLE {guest} LOGIN PASSWORD 'weak'; GRANT USAGE ON SCHEMA {{schema}} TO {bot}; GRANT SELECT ON ALL TABLES IN SCHEMA {{schema}} TO {bot}; GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {{schema}} TO {bot}");
        try
        {
            foreach (var table in (string[])["entries", "members", "holds", "budgets", "budget_shares", "budget_bounds", "schema_version"])
            {
                (await RefusalAsync(bot, $"DELETE FROM {_store.Schema}.{table}")).ShouldBe("42501", table);
                (await RefusalAsync(guest, $"SELECT 1 FROM {_store.Schema}.{table}")).ShouldBe("42501", table);
            }

            (await RefusalAsync(guest, $"SELECT {_store.Schema}.leave('x')")).ShouldBe("42501");
        }
        finally
        {
            await _store.RunAsync($"DROP OWNED BY {bot}, {guest}; DROP ROLE {bot}, {guest}");
        }
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private async Task<string> RefusalAsync(string role, string sql)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(server.ConnectionString) { Username = role, Password = "weak", Pooling = false }.ConnectionString);
        await using var command = source.CreateCommand(sql);
        return (await Should.ThrowAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Stop))).SqlState;
    }
}
