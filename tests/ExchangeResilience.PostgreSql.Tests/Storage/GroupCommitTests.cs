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
    public async Task A_character_that_the_database_does_not_know_is_replaced()
    {
        var member = await _store.JoinAsync(listens: false);
        var order = Order(1) with { Run = member.Member, Trail = ["a\0b"] };

        (await member.RecordAsync(order, Stop)).ShouldBeNull();

        (await member.RecordAsync(Order(1, "other") with { Run = member.Member }, Stop)).ShouldNotBeNull().Trail.ShouldBe(["a\ufffdb"]);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
