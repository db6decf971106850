using ExchangeResilience.Journal;
using ExchangeResilience.PostgreSql.Tests.Fleet;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests.Storage;

/// <summary>PgBouncer between the fleet and its store.</summary>
public sealed class PoolerTests(PostgreSqlServer server) : IAsyncDisposable
{
    private readonly TestStore _store = new(server.ConnectionString);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_pooler_that_pools_by_session_changes_nothing()
    {
        await using var pooler = await LocalPgBouncer.StartAsync(server.ConnectionString, "session", Stop);
        await using var holder = _store.Member(connectionString: pooler.ConnectionString);
        await using var other = _store.Member(connectionString: pooler.ConnectionString);
        await holder.OpenAsync(Stop);
        await other.OpenAsync(Stop);
        await using var news = new HeardNews(other);
        var order = Order(1) with { Run = holder.Member };

        (await holder.RecordAsync(order, Stop)).ShouldBeNull();
        (await other.RecordAsync(Order(1, "other") with { Run = other.Member }, Stop)).ShouldNotBeNull().Id.ShouldBe(order.Id);
        (await holder.SettleAsync(order.Settled(JournalState.Executed), Stop)).ShouldBeTrue();
        (await news.NextAsync<FleetEvent.Settled>()).Entry.Id.ShouldBe(order.Id);
        await holder.HoldAsync(new("live", TrafficLane.Ip, "default", -1003, 5, _store.Time.GetUtcNow().AddMinutes(2)), Stop);
        (await news.NextAsync<FleetEvent.HoldTold>()).Hold.Code.ShouldBe(-1003);
    }

    [Fact]
    public async Task A_pooler_that_pools_by_transaction_is_refused_with_the_remedy()
    {
        await using var pooler = await LocalPgBouncer.StartAsync(server.ConnectionString, "transaction", Stop);
        await using var member = _store.Member(connectionString: pooler.ConnectionString);

        var refused = await Should.ThrowAsync<JournalException>(async () => await member.OpenAsync(Stop));

        refused.Message.ShouldContain("pool_mode = session");
        member.Fleet.StoreFault.ShouldBe(refused.Message);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}
