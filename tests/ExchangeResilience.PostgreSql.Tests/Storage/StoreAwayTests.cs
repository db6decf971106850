using ExchangeResilience.Journal;
using ExchangeResilience.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
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
        (await news.NextAsync<FleetEvent.HoldTold>()).Hold.UntilExchangeMs.ShouldBe(Hold.UntilExchangeMs);
        (await member.RecordAsync(Of(member, 4), Stop)).ShouldBeNull();
        member.Fleet.StoreFault.ShouldBeNull();
        (await health.CheckHealthAsync(new(), Stop)).Status.ShouldBe(HealthStatus.Healthy);
        log.Lines.Count(line => line.StartsWith("Error 1500 ", StringComparison.Ordinal)).ShouldBe(1, string.Join('\n', log.Lines));
        log.Lines.Count(line => line.StartsWith("Warning 1501 ", StringComparison.Ordinal)).ShouldBe(1, string.Join('\n', log.Lines));
    }

    [Fact]
    public async Task Connections_that_were_cut_while_idle_cost_no_order()
    {
        var log = new LogLines();
        await using var member = Member(log);
        await member.OpenAsync(Stop);
        (await member.RecordAsync(Of(member, 1), Stop)).ShouldBeNull();
        await using var source = NpgsqlDataSource.Create(Server.ConnectionString);
        foreach (var number in Enumerable.Range(2, 5))
        {
            await using var cut = source.CreateCommand("SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE application_name = 'ExchangeResilience'");
            ((long)(await cut.ExecuteScalarAsync(Stop))!).ShouldBeGreaterThan(0);

            (await member.RecordAsync(Of(member, number), Stop)).ShouldBeNull();
        }

        log.Lines.ShouldNotContain(line => line.StartsWith("Error", StringComparison.Ordinal));
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
    public async Task Without_the_store_each_keeps_to_its_share_of_the_limit_and_with_it_one_may_use_it_all()
    {
        var time = new ManualTimeProvider();
        time.Advance(TimeSpan.FromSeconds(20)); // Nothing straddles two windows.
        await using var member = Member();
        await using var other = Member();
        await member.OpenAsync(Stop);
        await other.OpenAsync(Stop);
        using var ownBudget = new FleetBudget(member.Budget, time, NullLogger.Instance);
        using var othersBudget = new FleetBudget(other.Budget, time, NullLogger.Instance);
        using var own = new GateRegistry(time, new Random(1), ownBudget);
        using var others = new GateRegistry(time, new Random(1), othersBudget);
        await SpendAsync(GateOf(own), 1);
        await SpendAsync(GateOf(others), 1);

        await Server.StopAsync();
        time.Advance(TimeSpan.FromMinutes(1));

        // Queries leave 2 % to what matters more.
        (await SpendAsync(GateOf(own))).ShouldBe(1176);
        (await SpendAsync(GateOf(others))).ShouldBe(1176);

        await Server.ResumeAsync(Stop);
        (await RecordWhenBackAsync(member, 1)).ShouldBeNull();
        time.Advance(TimeSpan.FromMinutes(1));

        // A window that begins before the store is known to be back has the share still. Who has used it up asks, a second after the last answer.
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        patience.CancelAfter(Patience);
        while (ownBudget.IsAway)
        {
            await SpendAsync(GateOf(own));
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, patience.Token);
            time.Advance(TimeSpan.FromSeconds(1.1));
        }

        time.Advance(TimeSpan.FromMinutes(1));
        (await SpendAsync(GateOf(own))).ShouldBe(2352);
    }

    [Fact]
    public async Task Who_starts_without_the_store_is_told_why()
    {
        await Server.StopAsync();
        await using var member = Member();

        var failure = await Should.ThrowAsync<JournalException>(async () => await member.OpenAsync(Stop));

        (await new StoreHealthCheck(member).CheckHealthAsync(new(), Stop)).Status.ShouldBe(HealthStatus.Degraded);
        failure.Message.ShouldBe("The shared store cannot be reached. See that the PostgreSQL server runs, and that host and port are right and open; nothing else is needed.");
        await Server.ResumeAsync(Stop);
        (await member.OpenAsync(Stop)).Entries.ShouldBeEmpty();
        (await new StoreHealthCheck(member).CheckHealthAsync(new(), Stop)).Status.ShouldBe(HealthStatus.Healthy);
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

    private static Gate GateOf(GateRegistry control) => control.GateFor(new TrafficScope("live", "default", "fapi", "a"));

    /// <summary>Sends queries while the window at hand allows them; how many that were.</summary>
    private static async Task<int> SpendAsync(Gate gate, int most = int.MaxValue)
    {
        var request = new TrafficRequest(TrafficClass.Query, 1, 0, 0, new LimitSettings { WeightPerMinute = 2400 });
        for (var sent = 0; ; sent++)
        {
            // Patient enough for an answer of the store, and not for the next window: time stands still.
            if (sent == most)
            {
                return sent;
            }

            var admission = await gate.WaitAsync(request, gate.LaneScheduler.Time.GetTimestamp() + 1, Stop).AsTask().WaitAsync(Patience, TimeProvider.System, Stop);
            if (!admission.Granted)
            {
                return sent;
            }

            // Answered at once.
            gate.Leave(admission);
        }
    }

    private PostgreSqlJournal Member(LogLines? log = null) => new(
        new() { ConnectionString = Server.ConnectionString, Lease = Lease }, null, TimeProvider.System, new RandomSource(new Random()), log);
}
