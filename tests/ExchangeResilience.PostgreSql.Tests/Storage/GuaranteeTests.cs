using System.Transactions;
using ExchangeResilience.Journal;
using Npgsql;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests.Storage;

/// <summary>What is guaranteed, whatever the database, the role and the program around are set to.</summary>
public sealed class GuaranteeTests(PostgreSqlServer server) : IAsyncDisposable
{
    private readonly TestStore _store = new(server.ConnectionString);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("-c default_transaction_isolation=repeatable\\ read")]
    [InlineData("-c default_transaction_isolation=serializable")]
    [InlineData("-c TimeZone=Pacific/Apia -c search_path=public -c lock_timeout=1 -c statement_timeout=2000 -c synchronous_commit=off -c plan_cache_mode=force_custom_plan -c default_transaction_deferrable=on")]
    public async Task One_of_two_processes_gets_an_order_that_both_would_send(string settings)
    {
        var connection = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Options = settings }.ConnectionString;
        var (one, other) = (_store.Member(listens: false, connectionString: connection), _store.Member(listens: false, connectionString: connection));
        await one.OpenAsync(Stop);
        await other.OpenAsync(Stop);

        for (var round = 0; round < 10; round++)
        {
            var numbers = Enumerable.Range(round * 10, 10).ToList();
            var results = await Task.WhenAll(numbers.Select(async number => (Own: await TryAsync(one, number, "a"), Others: await TryAsync(other, number, "b"))));
            results.ShouldAllBe(static result => result.Own != result.Others);
        }

        async Task<bool> TryAsync(PostgreSqlJournal member, int number, string run)
        {
            await Task.Yield();
            return await member.RecordAsync(Order(number, run) with { Run = member.Member }, Stop) is null;
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(30)]
    public async Task However_few_milliseconds_the_database_gives_a_statement_by_default_orders_are_written(int milliseconds)
    {
        var hurried = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Options = $"-c statement_timeout={milliseconds}" }.ConnectionString;
        await using var member = _store.Member(connectionString: hurried);
        await member.OpenAsync(Stop);

        (await member.RecordAsync(Order(1) with { Run = member.Member }, Stop)).ShouldBeNull();
        (await member.SettleAsync((Order(1) with { Run = member.Member }).Settled(JournalState.Executed), Stop)).ShouldBeTrue();
        await member.HoldAsync(new("live", TrafficLane.Ip, "default", -1003, 5, _store.Time.GetUtcNow().AddMinutes(2)), Stop);
        await member.Budget.AskAsync(new BudgetAsk(new("live", TrafficLane.Ip, "default", TimeSpan.FromMinutes(1)), 1, 1, 10, 1, 10, 0, 0), Stop);
        await member.OpenAsync(Stop);
    }

    [Fact]
    public async Task The_schema_itself_refuses_a_second_holder()
    {
        var member = await _store.JoinAsync(listens: false);
        (await member.RecordAsync(Order(1) with { Run = member.Member }, Stop)).ShouldBeNull();

        var refused = await Should.ThrowAsync<PostgresException>(() => _store.RunAsync(
            "INSERT INTO {schema}.entries (id, environment, account, symbol, kind, name, holder, state, document, likeness) SELECT 'x', environment, account, symbol, kind, name, 'x', state, document, likeness FROM {schema}.entries"));

        refused.ConstraintName.ShouldBe("entries_one_holder");
    }

    [Fact]
    public async Task A_transaction_of_the_programs_own_neither_holds_an_order_back_nor_undoes_it()
    {
        var member = _store.Member(listens: false, connectionString: server.ConnectionString);
        var given = _store.Member(listens: false);
        using (new TransactionScope(TransactionScopeAsyncFlowOption.Enabled))
        {
            await member.OpenAsync(Stop);
            await given.OpenAsync(Stop);
            (await member.RecordAsync(Order(1) with { Run = member.Member }, Stop)).ShouldBeNull();
            (await given.RecordAsync(Order(2) with { Run = given.Member }, Stop)).ShouldBeNull();
            await given.Budget.AskAsync(new BudgetAsk(new("live", TrafficLane.Ip, "default", TimeSpan.FromMinutes(1)), 1, 1, 10, 1, 10, 0, 0), Stop);
        }

        (await _store.AskAsync("SELECT count(*) FROM {schema}.entries")).ShouldBe(2L);
        (await _store.AskAsync("SELECT granted FROM {schema}.budgets")).ShouldBe(1);
        (await member.RecordAsync(Order(3) with { Run = member.Member }, Stop)).ShouldBeNull();
    }

    [Theory]
    [InlineData("40001")]
    [InlineData("40P01")]
    [InlineData("55P03")]
    public async Task An_order_that_lost_to_another_transaction_is_tried_once_more(string refusal)
    {
        var member = await _store.JoinAsync(listens: false);
        await _store.RunAsync(
            $$"""
            CREATE SEQUENCE {schema}.tries;
            CREATE FUNCTION {schema}.lose() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
                IF nextval('{schema}.tries') <> 2 THEN RAISE EXCEPTION 'lost' USING ERRCODE = '{{refusal}}'; END IF;
                RETURN NEW;
            END $f$;
            CREATE TRIGGER lose BEFORE INSERT ON {schema}.entries FOR EACH ROW WHEN (NEW.name LIKE 'order-%') EXECUTE FUNCTION {schema}.lose();
            """);

        (await member.RecordAsync(Order(1) with { Run = member.Member }, Stop)).ShouldBeNull("the second try");
        (await Should.ThrowAsync<JournalException>(async () => await member.RecordAsync(Order(2) with { Run = member.Member }, Stop))).Message.ShouldContain("in favour of another one, twice");

        (await _store.AskAsync("SELECT last_value FROM {schema}.tries")).ShouldBe(4L);
    }

    [Fact]
    public async Task A_commit_of_unknown_outcome_never_lands_unseen()
    {
        await using var road = new CuttableRoad(new NpgsqlConnectionStringBuilder(server.ConnectionString).Port);
        var member = _store.Member(listens: false, time: TimeProvider.System, connectionString: new NpgsqlConnectionStringBuilder(server.ConnectionString) { Port = road.Port }.ConnectionString);
        await member.OpenAsync(Stop);
        var entry = Order(1) with { Run = member.Member };
        await using var blocker = new NpgsqlConnection(server.ConnectionString);
        await blocker.OpenAsync(Stop);
        await using var transaction = await blocker.BeginTransactionAsync(Stop);
        await using (var take = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({new StoredEntry(entry, _store.Schema).Locks[0]})", blocker))
        {
            await take.ExecuteNonQueryAsync(Stop);
        }

        var writing = member.RecordAsync(entry, Stop).AsTask();
        await UntilAsync("SELECT count(*) = 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted");
        road.Cut();
        await Should.ThrowAsync<JournalException>(writing);
        await transaction.CommitAsync(Stop);
        road.Mend();

        // Either it has been written, and its process is told that it holds it, or it never will be.
        var told = 0;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (member.Fleet.StoreFault is not null)
        {
            told += await HeldAsync();
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }

        told += await HeldAsync();
        (await _store.AskAsync("SELECT count(*) FROM {schema}.entries")).ShouldBe((long)told);

        async Task<int> HeldAsync()
        {
            try
            {
                return (await member.OpenAsync(Stop)).Entries.Count;
            }
            catch (JournalException)
            {
                return 0;
            }
        }

        async Task UntilAsync(string condition)
        {
            while (await _store.AskAsync(condition) is not true)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, Stop);
            }
        }
    }

    [Fact]
    public async Task A_database_whose_clock_is_ahead_loses_no_ban_for_a_process_that_starts()
    {
        var told = await _store.JoinAsync(listens: false);
        var now = _store.Time.GetUtcNow();
        await told.HoldAsync(new("live", TrafficLane.Ip, "default", -1003, (now + TimeSpan.FromMinutes(5)).ToUnixTimeMilliseconds(), now + TimeSpan.FromMinutes(5)), Stop);
        await _store.RunAsync("UPDATE {schema}.holds SET ends_at = ends_at - interval '1 hour'");

        var hold = (await _store.Member(listens: false).OpenAsync(Stop)).Holds.ShouldHaveSingleItem();

        hold.Until.ShouldBe(now + TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_hosts_clock_never_makes_a_hold_longer_than_it_was_told()
    {
        var told = await _store.JoinAsync(listens: false);
        var now = _store.Time.GetUtcNow();
        await told.HoldAsync(new("live", TrafficLane.Ip, "default", -1003, (now + TimeSpan.FromDays(1)).ToUnixTimeMilliseconds(), now + TimeSpan.FromMinutes(5)), Stop);

        (await _store.Member(listens: false).OpenAsync(Stop)).Holds.ShouldHaveSingleItem().Until.ShouldBe(now + TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(5));
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
