using ExchangeResilience.Journal;
using Npgsql;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests.Storage;

/// <summary>The primary is gone, and its replica takes its place, on real time.</summary>
[Trait("Speed", "Slow")]
public sealed class PromotionTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private LocalPostgreSql? _primary;
    private LocalPostgreSql? _replica;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _primary = await LocalPostgreSql.StartAsync(Stop);
        _replica = await _primary.ReplicateAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        if (_replica is { } replica)
        {
            await replica.DisposeAsync();
        }

        await _primary!.DisposeAsync();
    }

    [Fact]
    public async Task After_the_promotion_of_a_replica_the_fleet_goes_on_with_what_it_knew()
    {
        await using var one = Member();
        await using var other = Member();
        await one.OpenAsync(Stop);
        await other.OpenAsync(Stop);
        await using var news = new HeardNews(other);
        (await one.RecordAsync(Of(one, 1), Stop)).ShouldBeNull();
        (await other.RecordAsync(Of(other, 1), Stop)).ShouldNotBeNull().Run.ShouldBe(one.Member);
        await one.HoldAsync(new("live", TrafficLane.Ip, "default", -1003, 5, TimeProvider.System.GetUtcNow().AddMinutes(5)), Stop);
        await news.NextAsync<FleetEvent.HoldTold>();
        (await one.Budget.AskAsync(Ask, Stop)).Granted.ShouldBe(10);
        await UntilTheReplicaHasAllAsync();

        var since = TimeProvider.System.GetTimestamp();
        await _primary!.StopAsync();
        await _replica!.PromoteAsync(Stop);
        (await RecordWhenBackAsync(one, 2)).ShouldBeNull();
        output.WriteLine($"an order was written {TimeProvider.System.GetElapsedTime(since).TotalSeconds:0.0} s after the primary was stopped");

        (await RecordWhenBackAsync(other, 2)).ShouldNotBeNull().Run.ShouldBe(one.Member);
        (await one.SettleAsync(Of(one, 1).Settled(JournalState.Executed), Stop)).ShouldBeTrue("what it held it holds");
        (await NextOfAsync<FleetEvent.Settled>(news)).Entry.Id.ShouldBe(Of(one, 1).Id);
        (await one.Budget.AskAsync(Ask, Stop)).Granted.ShouldBe(0, "all of that window was given before");
        (await one.Budget.AskAsync(Ask with { Window = 2 }, Stop)).Granted.ShouldBe(10);
        await using var late = Member();
        (await late.OpenAsync(Stop)).Holds.ShouldHaveSingleItem().UntilExchangeMs.ShouldBe(5);
    }

    /// <summary>Whoever cancels the wait makes PostgreSQL answer that it has committed, with a warning that the replica may not have it.</summary>
    [Fact]
    public async Task An_order_that_may_not_have_reached_a_synchronous_replica_does_not_leave()
    {
        await using var source = NpgsqlDataSource.Create(_primary!.ConnectionString);
        await using var member = Member(TimeSpan.FromSeconds(3));
        await member.OpenAsync(Stop);
        await UntilTheReplicaHasAllAsync();
        await DoAsync("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await DoAsync("SELECT pg_reload_conf()");
        await UntilAsync("SELECT count(*) = 1 FROM pg_stat_replication WHERE sync_state = 'sync'");
        await _replica!.FreezeAsync(Stop);

        var recorded = member.RecordAsync(Of(member, 1), Stop).AsTask();
        await UntilAsync("SELECT count(pg_cancel_backend(pid)) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
        var refused = await Should.ThrowAsync<JournalException>(() => recorded);
        output.WriteLine(refused.Message);
        await _replica.ThawAsync(Stop);

        (await RecordWhenBackAsync(member, 2)).ShouldBeNull("it goes on by itself once the replica does");

        async Task DoAsync(string command) => await source.CreateCommand(command).ExecuteNonQueryAsync(Stop);

        async Task UntilAsync(string question)
        {
            while (await source.CreateCommand(question).ExecuteScalarAsync(Stop) is not true)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Stop);
            }
        }
    }

    private static BudgetAsk Ask { get; } = new(new("live", TrafficLane.Ip, "default", TimeSpan.FromMinutes(1)), 1, 10, 10, 10, 10, 0, 0);

    private static JournalEntry Of(PostgreSqlJournal member, int number) => Order(number, member.Member[..8]) with { Run = member.Member };

    // What was known is told again by a store that is back.
    private static async Task<T> NextOfAsync<T>(HeardNews news)
        where T : FleetEvent
    {
        while (true)
        {
            if (await news.NextAsync<FleetEvent>() is T wanted)
            {
                return wanted;
            }
        }
    }

    private static async Task<JournalEntry?> RecordWhenBackAsync(PostgreSqlJournal member, int number)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(Patience);
        while (true)
        {
            try
            {
                return await member.RecordAsync(Of(member, number), patience.Token);
            }
            catch (JournalException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
            }
        }
    }

    private async Task UntilTheReplicaHasAllAsync()
    {
        await using var source = NpgsqlDataSource.Create(_primary!.ConnectionString);
        await using var command = source.CreateCommand("SELECT count(*) = 1 FROM pg_stat_replication WHERE replay_lsn >= pg_current_wal_lsn()");
        while (await command.ExecuteScalarAsync(Stop) is not true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, Stop);
        }
    }

    private PostgreSqlJournal Member(TimeSpan? commandTimeout = null)
    {
        var both = new NpgsqlConnectionStringBuilder(_primary!.ConnectionString) { Host = $"127.0.0.1:{_primary.Port},127.0.0.1:{_replica!.Port}" };
        both.Remove("Port");
        return new(new() { ConnectionString = both.ConnectionString, Lease = TimeSpan.FromMinutes(1), CommandTimeout = commandTimeout ?? TimeSpan.FromSeconds(5) }, null, TimeProvider.System, new RandomSource(new Random()));
    }
}
