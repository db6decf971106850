using ExchangeResilience.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace ExchangeResilience.PostgreSql.Tests.Budget;

/// <summary>A server that crashes forgets what is not logged. On real time; the windows are of no clock's.</summary>
public sealed class CrashedServerTests : IAsyncLifetime
{
    private const int Limit = 2400;
    private const int QueryLimit = 2352;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly BudgetKey Weight = new("live", TrafficLane.Ip, "default", TimeSpan.FromMinutes(1));
    private LocalPostgreSql? _server;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private LocalPostgreSql Server => _server!;

    public async ValueTask InitializeAsync() => _server = await LocalPostgreSql.StartAsync(Stop);

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(200)]
    [InlineData(1500)]
    public async Task What_it_had_given_of_a_window_is_not_given_again(int first)
    {
        await using var holder = Member();
        await using var other = Member();
        await holder.OpenAsync(Stop);
        await other.OpenAsync(Stop);
        (await holder.Budget.AskAsync(new BudgetAsk(Weight, 7, first, Limit, 0, QueryLimit, 0, 0), Stop)).Granted.ShouldBe(first);

        await Server.CrashAsync(Stop);

        var given = await GiveAllAsync(other, 7);
        (given + first).ShouldBeInRange(Limit * 7 / 8, Limit);
        (await GiveAllAsync(other, 8)).ShouldBe(Limit, "the next window is whole");
    }

    [Fact]
    public async Task Nor_after_several_crashes_in_one_window()
    {
        await using var member = Member();
        await member.OpenAsync(Stop);
        var given = 0;
        for (var crash = 0; crash < 4; crash++)
        {
            given += (await WhenBackAsync(() => member.Budget.AskAsync(new BudgetAsk(Weight, 7, 300, Limit, 0, QueryLimit, 0, 0), Stop))).Granted;
            await Server.CrashAsync(Stop);
        }

        given.ShouldBe(1200);
        (given + await GiveAllAsync(member, 7)).ShouldBeInRange(Limit / 2, Limit);
    }

    [Fact]
    public async Task Members_that_keep_what_they_were_given_pass_no_limit()
    {
        var time = new ManualTimeProvider();
        time.Advance(TimeSpan.FromSeconds(20)); // Nothing straddles two windows.
        await using var holder = Member();
        await using var other = Member();
        await holder.OpenAsync(Stop);
        await other.OpenAsync(Stop);
        using var ownBudget = new FleetBudget(holder.Budget, time, NullLogger.Instance);
        using var othersBudget = new FleetBudget(other.Budget, time, NullLogger.Instance);
        using var own = new GateRegistry(time, new Random(1), ownBudget);
        using var others = new GateRegistry(time, new Random(1), othersBudget);

        // Who has used much is given much the next time, and keeps it while it sends little.
        await SpendAsync(GateOf(own), 1000);
        time.Advance(TimeSpan.FromMinutes(1));
        var sent = await SpendAsync(GateOf(own), 1);

        await Server.CrashAsync(Stop);
        await WhenBackAsync(() => other.Budget.AskAsync(new BudgetAsk(Weight with { Scope = "another" }, 1, 1, Limit, 1, QueryLimit, 0, 0), Stop));

        sent += await SpendAsync(GateOf(others));
        sent += await SpendAsync(GateOf(own));
        sent.ShouldBeInRange(Limit / 2, Limit);
    }

    private static Gate GateOf(GateRegistry control) => control.GateFor(new TrafficScope("live", "default", "fapi", "a"));

    private static async Task<int> SpendAsync(Gate gate, int most = int.MaxValue)
    {
        var request = new TrafficRequest(TrafficClass.Query, 1, 0, 0, new LimitSettings { WeightPerMinute = Limit });
        for (var sent = 0; ; sent++)
        {
            if (sent == most)
            {
                return sent;
            }

            var admission = await gate.WaitAsync(request, gate.LaneScheduler.Time.GetTimestamp() + 1, Stop).AsTask().WaitAsync(Patience, TimeProvider.System, Stop);
            if (!admission.Granted)
            {
                return sent;
            }

            gate.Leave(admission);
        }
    }

    private static async Task<int> GiveAllAsync(PostgreSqlJournal member, int window)
    {
        for (var given = 0; ;)
        {
            var grant = await WhenBackAsync(() => member.Budget.AskAsync(new BudgetAsk(Weight, window, 1, Limit, 100, QueryLimit, 0, 0), Stop));
            if (grant.Granted == 0)
            {
                return given;
            }

            given += grant.Granted;
        }
    }

    private static async Task<BudgetGrant> WhenBackAsync(Func<ValueTask<BudgetGrant>> askAsync)
    {
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            try
            {
                return await askAsync();
            }
            catch (JournalException) when (TimeProvider.System.GetElapsedTime(began) < Patience)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Stop);
            }
        }
    }

    private PostgreSqlJournal Member() => new(
        new() { ConnectionString = Server.ConnectionString, Lease = TimeSpan.FromSeconds(3) }, null, TimeProvider.System, new RandomSource(new Random()), listens: false);
}
