using ExchangeResilience.Journal;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests.Storage;

/// <summary>What arrives together shares a commit, and each hears of its own.</summary>
public sealed class GroupCommitTests(PostgreSqlServer server) : IAsyncDisposable
{
    private readonly TestStore _store = new(server.ConnectionString);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Orders_that_arrive_together_share_a_commit()
    {
        var member = await _store.JoinAsync(listens: false);

        (await Task.WhenAll(Enumerable.Range(0, 640).Select(number => member.RecordAsync(Order(number) with { Run = member.Member }, Stop).AsTask()))).ShouldAllBe(standing => standing == null);

        member.Commits.ShouldBeInRange(1, 64);
    }

    [Fact]
    public async Task An_order_takes_one_commit_and_a_second_one_only_where_its_name_was_used_under_another_account()
    {
        var member = await _store.JoinAsync(listens: false);
        var order = Order(1) with { Run = member.Member, KeyHash = "1111111111111111" };

        (await CommitsAsync(order)).ShouldBe(1, "nobody has used the name");
        (await CommitsAsync(order with { Attempts = [Attempt(0), Attempt(1)] })).ShouldBe(1, "it is the same entry");
        (await member.SettleAsync((order with { Attempts = [Attempt(0), Attempt(1)] }).Settled(JournalState.Executed), Stop)).ShouldBeTrue();
        (await CommitsAsync(order with { Id = "again" })).ShouldBe(1, "the account has used the name itself");
        (await member.SettleAsync((order with { Id = "again" }).Settled(JournalState.NotExecuted), Stop)).ShouldBeTrue();
        (await CommitsAsync(order with { Id = "renamed", AccountName = "renamed" })).ShouldBe(2, "whose it is must be judged");

        async Task<long> CommitsAsync(JournalEntry entry)
        {
            var before = member.Commits;
            (await member.RecordAsync(entry, Stop)).ShouldBeNull();
            return member.Commits - before;
        }
    }

    [Fact]
    public async Task What_is_asked_about_an_order_that_must_be_judged_waits_for_it_and_for_nothing_else()
    {
        var member = await _store.JoinAsync(listens: false);
        (await member.RecordAsync(Order(1) with { Run = member.Member, KeyHash = "1111111111111111" }, Stop)).ShouldBeNull();
        (await member.SettleAsync((Order(1) with { Run = member.Member, KeyHash = "1111111111111111" }).Settled(JournalState.Executed), Stop)).ShouldBeTrue();
        var order = Order(1, "run2") with { Run = member.Member, KeyHash = "1111111111111111", AccountName = "renamed" };

        var recorded = member.RecordAsync(order, Stop);
        var settled = member.SettleAsync(order.Settled(JournalState.Executed), Stop);
        var another = member.RecordAsync(Order(2) with { Run = member.Member }, Stop);

        (await recorded).ShouldBeNull();
        (await settled).ShouldBeTrue();
        (await another).ShouldBeNull();
    }

    [Fact]
    public async Task An_entry_that_cannot_be_read_refuses_orders_of_its_name_alone()
    {
        var log = new LogLines();
        var doomed = await _store.JoinAsync(listens: false);
        foreach (var number in (int[])[1, 2])
        {
            (await doomed.RecordAsync(Order(number) with { Run = doomed.Member }, Stop)).ShouldBeNull();
        }

        await _store.RunAsync("UPDATE {schema}.entries SET document = '{}' WHERE name = 'order-1'");
        await _store.EndLeasesAsync();
        var heir = _store.Member(listens: false, logger: log);
        heir.Serves = static _ => true;

        (await heir.OpenAsync(Stop)).Entries.ShouldHaveSingleItem().Id.ShouldBe(Order(2).Id);
        var refused = heir.RecordAsync(Order(1, "run2") with { Run = heir.Member }, Stop).AsTask();
        var written = heir.RecordAsync(Order(3, "run2") with { Run = heir.Member }, Stop);

        (await Should.ThrowAsync<JournalException>(refused)).Message.ShouldContain("cannot be read");
        (await written).ShouldBeNull();
        (await heir.OpenAsync(Stop)).Entries.ShouldBeEmpty();
        log.Lines.Where(line => line.StartsWith("Error", StringComparison.Ordinal)).ShouldBe(
            [$"Error 1505 The shared store's entry {Order(1).Id} of order-1 on BTCUSDT cannot be read: new orders with that id are refused. Look the order up at the exchange, then delete the entry"]);
    }

    [Fact]
    public async Task A_commit_is_on_the_disk_whatever_the_server_is_set_to()
    {
        var lazy = new Npgsql.NpgsqlConnectionStringBuilder(server.ConnectionString) { Options = "-c synchronous_commit=off" }.ConnectionString;
        var member = _store.Member(listens: false, connectionString: lazy);
        await member.OpenAsync(Stop);
        await _store.RunAsync(
            """
            CREATE TABLE {schema}.seen (setting text);
            CREATE FUNCTION {schema}.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO {schema}.seen VALUES (current_setting('synchronous_commit')); RETURN NEW; END $$;
            CREATE TRIGGER seen BEFORE INSERT ON {schema}.entries FOR EACH ROW EXECUTE FUNCTION {schema}.see();
            """);

        (await member.RecordAsync(Order(1) with { Run = member.Member }, Stop)).ShouldBeNull();

        (await _store.AskAsync("SELECT setting FROM {schema}.seen")).ShouldBe("on");
    }

    [Fact]
    public async Task What_cannot_be_written_fails_alone()
    {
        var member = await _store.JoinAsync(listens: false);
        var calls = Enumerable.Range(0, 20).Select(number => Order(number) with { Run = member.Member, Key = Order(number).Key with { Symbol = number == 7 ? "BTC\0USDT" : "BTCUSDT" } })
            .Select(order => member.RecordAsync(order, Stop).AsTask()).ToList();

        await Task.WhenAll(calls).ContinueWith(static _ => { }, TaskScheduler.Default);

        calls[7].Exception.ShouldNotBeNull().InnerException.ShouldBeOfType<JournalException>();
        calls.Where(call => call != calls[7]).ShouldAllBe(call => call.IsCompletedSuccessfully);
        member.Fleet.StoreFault.ShouldBeNull();
    }

    [Fact]
    public async Task What_stands_in_the_way_is_told_and_nothing_written_although_what_came_with_it_breaks_the_commit()
    {
        var member = await _store.JoinAsync(listens: false);
        var earlier = Order(1) with { Run = member.Member, KeyHash = "1111111111111111" };
        (await member.RecordAsync(earlier, Stop)).ShouldBeNull();
        (await member.SettleAsync(earlier.Settled(JournalState.Executed), Stop)).ShouldBeTrue();
        var other = await _store.JoinAsync(listens: false);
        var again = Order(1, "run2") with { Run = other.Member, KeyHash = "1111111111111111", AccountName = "renamed" };
        (await other.RecordAsync(again with { Id = "alone" }, Stop)).ShouldNotBeNull("it stands in the way");

        // While the first waits for a lock the others gather: what stands in the way is read before the one that breaks their commit.
        await using var blocking = new Npgsql.NpgsqlConnection(_store.ConnectionString);
        await blocking.OpenAsync(Stop);
        await using var transaction = await blocking.BeginTransactionAsync(Stop);
        await using (var lockAll = new Npgsql.NpgsqlCommand($"LOCK TABLE {_store.Schema}.entries", blocking, transaction))
        {
            await lockAll.ExecuteNonQueryAsync(Stop);
        }

        var first = other.RecordAsync(Order(2) with { Run = other.Member }, Stop).AsTask();
        await using (var waiting = new Npgsql.NpgsqlCommand("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = @entries::regclass", blocking, transaction))
        {
            waiting.Parameters.AddWithValue("entries", $"{_store.Schema}.entries");
            while ((long)(await waiting.ExecuteScalarAsync(Stop))! == 0)
            {
                await Task.Yield();
            }
        }

        var standing = other.RecordAsync(again, Stop).AsTask();
        var broken = other.RecordAsync(Order(3) with { Run = other.Member, Key = Order(3).Key with { Symbol = "BTC\0USDT" } }, Stop).AsTask();
        await transaction.CommitAsync(Stop);

        (await first).ShouldBeNull();
        await Should.ThrowAsync<JournalException>(broken);
        (await standing).ShouldNotBeNull().Id.ShouldBe(earlier.Id);
        (await _store.AskAsync("SELECT string_agg(id, ' ') FROM {schema}.entries WHERE name = 'order-1'")).ShouldBe(earlier.Id);
    }

    [Fact]
    public async Task A_character_that_the_database_does_not_know_is_replaced()
    {
        var member = await _store.JoinAsync(listens: false);
        var order = Order(1) with { Run = member.Member, Trail = ["a\0b"] };

        (await member.RecordAsync(order, Stop)).ShouldBeNull();

        (await member.RecordAsync(Order(1, "other") with { Run = member.Member }, Stop)).ShouldNotBeNull().Trail.ShouldBe(["a\ufffdb"]);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
