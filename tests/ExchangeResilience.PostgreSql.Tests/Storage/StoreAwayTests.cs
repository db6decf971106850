using ExchangeResilience.Journal;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests.Storage;

/// <summary>The server is stopped and started, on real time.</summary>
public sealed class StoreAwayTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private LocalPostgreSql? _server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private LocalPostgreSql Server => _server!;

    public async ValueTask InitializeAsync() => _server = await LocalPostgreSql.StartAsync(Stop);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Fact]
    public async Task Without_the_store_orders_are_refused_at_once_and_what_must_be_kept_is_written_when_it_is_back()
    {
        var log = new LogLines();
        await using var member = Member(log);
        await using var other = Member();
        await member.OpenAsync(Stop);
        await other.OpenAsync(Stop);
        await using var news = new HeardNews(other);
        var health = new StoreHealthCheck(member);
        (await member.RecordAsync(Of(member, 1), Stop)).ShouldBeNull();
        (await health.CheckHealthAsync(new(), Stop)).Status.ShouldBe(HealthStatus.Healthy);

        await Server.StopAsync();
        var failure = await Should.ThrowAsync<JournalException>(async () => await member.RecordAsync(Of(member, 2), Stop));
        var settled = member.SettleAsync(Of(member, 1).Settled(JournalState.Executed), Stop).AsTask();
        var held = member.HoldAsync(Hold, Stop).AsTask();
        await Should.ThrowAsync<JournalException>(member.RecordAsync(Of(member, 3), Stop).AsTask().WaitAsync(TimeSpan.FromSeconds(1), TimeProvider.System, Stop));

        failure.Message.ShouldNotContain("Password");
        member.Fleet.StoreFault.ShouldNotBeNull();
        (settled.IsCompleted, held.IsCompleted).ShouldBe((false, false));
        var state = await health.CheckHealthAsync(new(), Stop);
        (state.Status, state.Description).ShouldBe((HealthStatus.Degraded, FormattableString.Invariant($"{member.Fleet.StoreFault} Queries go on, orders are refused, since {member.Fleet.StoreFaultSince:u}.")));

        await Server.ResumeAsync(Stop);
        (await settled.WaitAsync(Patience, TimeProvider.System, Stop)).ShouldBeTrue();
        await held.WaitAsync(Patience, TimeProvider.System, Stop);
        (await news.NextAsync<FleetNews.HoldTold>()).Hold.UntilExchangeMs.ShouldBe(Hold.UntilExchangeMs);
        (await member.RecordAsync(Of(member, 4), Stop)).ShouldBeNull();
        member.Fleet.StoreFault.ShouldBeNull();
        (await health.CheckHealthAsync(new(), Stop)).Status.ShouldBe(HealthStatus.Healthy);
        log.Lines.Count(line => line.StartsWith("Error 1500 ", StringComparison.Ordinal)).ShouldBe(1, string.Join('\n', log.Lines));
        log.Lines.Count(line => line.StartsWith("Information 1501 ", StringComparison.Ordinal)).ShouldBe(1, string.Join('\n', log.Lines));
    }

    [Fact]
    public async Task After_a_restart_of_the_server_nobody_takes_what_a_living_member_holds()
    {
        await using var member = Member();
        await using var other = Member();
        await member.OpenAsync(Stop);
        await other.OpenAsync(Stop);
        (await member.RecordAsync(Of(member, 1), Stop)).ShouldBeNull();

        await Server.StopAsync();
        await Task.Delay(Lease + TimeSpan.FromSeconds(1), TimeProvider.System, Stop);
        await Server.ResumeAsync(Stop);

        await RecordWhenBackAsync(other, 2);
        await other.OpenAsync(Stop);
        (await RecordWhenBackAsync(member, 1)).ShouldBeNull("its own is its own still");
        (await member.SettleAsync(Of(member, 1).Settled(JournalState.Executed), Stop)).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_starts_without_the_store_is_told_why()
    {
        await Server.StopAsync();
        await using var member = Member();

        var failure = await Should.ThrowAsync<JournalException>(async () => await member.OpenAsync(Stop));

        failure.Message.ShouldBe("The shared store cannot be reached. See that the PostgreSQL server runs, and that host and port are right and open; nothing else is needed.");
        await Server.ResumeAsync(Stop);
        (await member.OpenAsync(Stop)).Entries.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Password=wrong", "refuses the user")]
    [InlineData("Database=none", "does not exist")]
    [InlineData("Options=-c default_transaction_read_only=on", "is read-only")]
    public async Task What_is_wrong_is_worded(string change, string words)
    {
        await using var member = Member(connectionString: Server.ConnectionString + ";" + change);

        var failure = await Should.ThrowAsync<JournalException>(async () => await member.OpenAsync(Stop));

        failure.Message.ShouldStartWith($"The shared store {words}");
        failure.ToString().ShouldNotContain(new NpgsqlConnectionStringBuilder(Server.ConnectionString).Password!);
    }

    private static TimeSpan Lease => TimeSpan.FromSeconds(3);

    private static JournalHold Hold => new("live", TrafficLane.Ip, "default", -1003, 5, TimeProvider.System.GetUtcNow().AddMinutes(5));

    private static JournalEntry Of(PostgreSqlJournal member, int number) => Order(number, member.Member[..8]) with { Run = member.Member };

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

    private PostgreSqlJournal Member(LogLines? log = null, string? connectionString = null) => new(
        new() { ConnectionString = connectionString ?? Server.ConnectionString, Lease = Lease }, null, TimeProvider.System, new RandomSource(new Random()), log);
}
