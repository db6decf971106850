using System.Globalization;
using ExchangeResilience.Testing;
using ExchangeResilience.Tests.Claims;

namespace ExchangeResilience.Tests.Journal;

/// <summary>A hold outlives the program that was told of it.</summary>
public sealed class HoldsAcrossRestartTests
{
    private const string Balance = "/fapi/v2/balance";

    [Theory]
    [InlineData(0)]
    [InlineData(-600)]
    [InlineData(-100_000)]
    [InlineData(600)]
    [InlineData(28_800)]
    [InlineData(100_000)]
    public async Task A_restart_during_a_ban_sends_nothing_into_it(double wallStep)
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next("GET " + Balance, Fault.Ban(TimeSpan.FromMinutes(5), retryAfter: false));
        var first = world.Start();
        (await first.GetAsync(Balance)).Error.ShouldNotBeNull().Code.ShouldBe(-1003);
        await world.LetPassAsync(1);
        first.Kill();
        world.Time.StepWallClock(TimeSpan.FromSeconds(wallStep));
        var sent = world.Exchange.Requests.Count;

        var next = world.Start();
        var told = await next.GetAsync(Balance);

        told.Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        told.Error!.RetryAt.ShouldNotBeNull();
        world.Exchange.Requests.Count.ShouldBe(sent);
        next.Log.Of("HoldRestored").ShouldHaveSingleItem().Text.ShouldContain(
            $"Ip lane of fapi.test/default closed for another {told.Error!.RetryAfter!.Value.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture)} s, until {told.Error.RetryAt:u}: the exchange answered an earlier run with -1003");
        (told.Error!.RetryAfter.ShouldNotBeNull()).ShouldBeLessThan(TimeSpan.FromMinutes(6), "nor does it wait longer than the exchange said");
    }

    [Theory]
    [InlineData(418, "HTTP_418_BANNED")]
    [InlineData(429, "HTTP_429_RATE_LIMITED")]
    public async Task A_hold_without_a_code_is_told_by_its_status_in_the_next_run_too(int status, string name)
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next("GET " + Balance, Fault.HtmlReply(status));
        var first = world.Start();
        await first.GetAsync(Balance);
        first.Log.Of("LaneClosed").ShouldHaveSingleItem().Text.ShouldContain($"by {name}");
        await world.LetPassAsync(1);
        first.Kill();

        var next = world.Start();
        (await next.GetAsync(Balance)).Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");

        next.Log.Of("HoldRestored").ShouldHaveSingleItem().Text.ShouldContain($": the exchange answered an earlier run with {name}");
        next.Get<IExchangeMonitor>().Read().Lanes.Single(static lane => lane.State == LaneState.Held).Code.ShouldBe(0, "it is no code of the exchange's");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_restart_during_a_ban_sends_nothing_into_it_though_the_journal_cannot_be_opened_for_writing(bool fails)
    {
        using var world = new JournalledWorld();
        await HoldAsync(world, TimeSpan.FromMinutes(5));
        world.ReadHolds = () => world.Journal.Holds;
        var next = world.Start(opens: fails ? Task.FromException(new JournalException("The disk is full.")) : new TaskCompletionSource().Task);

        for (var call = 0; call < 3; call++)
        {
            (await next.GetAsync(Balance)).Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
            await world.LetPassAsync(5);
        }

        world.Exchange.Requests.ShouldBeEmpty();
        next.Log.Of("HoldRestored").ShouldHaveSingleItem("told once, however often the journal is tried");
    }

    [Fact]
    public async Task A_hold_that_a_person_ended_stays_ended_when_the_journal_opens_at_last()
    {
        using var world = new JournalledWorld();
        await HoldAsync(world, TimeSpan.FromMinutes(5));
        world.ReadHolds = () => world.Journal.Holds;
        var opens = new TaskCompletionSource();
        var next = world.Start(opens: opens.Task);
        (await next.GetAsync(Balance)).Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");

        next.Get<ExchangeServices>().Traffic.Release("fapi.test", TrafficLane.Ip, "default").ShouldBeTrue();
        opens.SetResult();
        await next.OpenAsync();

        (await next.GetAsync(Balance)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_journal_that_cannot_read_its_holds_alone_is_opened_all_the_same()
    {
        using var world = new JournalledWorld();
        await HoldAsync(world, TimeSpan.FromMinutes(5));
        world.ReadHolds = () => throw new InvalidOperationException("a fault of the journal's");
        var next = world.Start();

        await next.OpenAsync();

        (await next.GetAsync(Balance)).Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another boot")]
    public async Task After_a_reboot_the_later_end_by_the_clocks_counts(string? boot)
    {
        using var world = new JournalledWorld();
        var now = world.Time.GetUtcNow();
        await world.Journal.HoldAsync(
            new JournalHold("fapi.test", TrafficLane.Ip, "default", -1003, now.AddMinutes(4).ToUnixTimeMilliseconds(), now.AddMinutes(-4)) { UntilUptime = TimeSpan.FromDays(2), Boot = boot },
            CancellationToken.None);

        var told = await world.Start().GetAsync(Balance);

        told.Error.ShouldNotBeNull().RetryAfter.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromMinutes(3.9), TimeSpan.FromMinutes(4.5));
    }

    [Fact]
    public async Task A_ban_that_could_not_be_written_down_is_written_once_the_journal_can_be()
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next("GET " + Balance, Fault.Ban(TimeSpan.FromMinutes(5)));
        var first = world.Start();
        await first.OpenAsync();
        world.Journal.FailNext(3);
        await first.GetAsync(Balance);
        await world.LetPassAsync(20);
        first.Log.Of("HoldNotKept").ShouldHaveSingleItem().Text.ShouldContain("The hold of the Ip lane of fapi.test/default could not be written");
        first.Kill();

        (await world.Start().GetAsync(Balance)).Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
        world.Exchange.SentIntoHold.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_ban_that_is_over_holds_nobody()
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next("GET " + Balance, Fault.Ban(TimeSpan.FromMinutes(5)));
        var first = world.Start();
        await first.GetAsync(Balance);
        await world.LetPassAsync(1);
        first.Kill();
        await world.LetPassAsync(330);

        (await world.Start().GetAsync(Balance)).Status.ShouldBe(200);
    }

    [Fact]
    public async Task The_search_for_an_order_in_doubt_waits_for_the_end_of_a_restored_ban()
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.Silence);
        world.Exchange.Faults.Next("GET " + Balance, Fault.Ban(TimeSpan.FromMinutes(5)));
        var first = world.Start();
        var order = await first.RunIntoAsync(() => first.SendAsync(), 0.5);
        await first.GetAsync(Balance);
        await world.LetPassAsync(0.5);
        order.IsCompleted.ShouldBeFalse();
        first.Kill();

        var next = world.Start();
        await next.OpenAsync();
        await world.LetPassAsync(420);

        world.Exchange.SentIntoHold.ShouldBeEmpty();
        next.Settled.ShouldHaveSingleItem().Execution.ShouldBe(ExecutionStatus.Executed);
    }

    [Fact]
    public async Task A_hold_of_one_account_or_lane_is_restored_for_that_alone()
    {
        using var world = new JournalledWorld();
        world.Exchange.Faults.Next(ExchangeLooks.Place, Fault.RefuseWithCode(429, -1015, "Too many new orders; current limit is 300 orders per TEN_SECONDS."));
        var first = world.Start(static options => options.SendBefore = TimeSpan.FromMilliseconds(500));
        await first.PlaceAsync();
        await world.LetPassAsync(0.1);
        first.Kill();

        var next = world.Start(static options => options.SendBefore = TimeSpan.FromMilliseconds(500));
        (await next.GetAsync(Balance)).Status.ShouldBe(200);
        (await next.PlaceAsync("b")).Error.ShouldNotBeNull().Name.ShouldBe("HELD_BACK");
    }

    [Theory]
    [InlineData(long.MaxValue, false)]
    [InlineData(long.MinValue, false)]
    [InlineData(0, true)]
    [InlineData(long.MaxValue, true)]
    public async Task An_absurd_end_stops_no_program_and_holds_for_three_days_at_most(long untilExchangeMs, bool farAway)
    {
        using var world = new JournalledWorld();
        await world.Journal.HoldAsync(new JournalHold("fapi.test", TrafficLane.Ip, "default", -1003, untilExchangeMs, farAway ? DateTimeOffset.MaxValue : DateTimeOffset.MinValue), CancellationToken.None);

        var run = world.Start();
        await run.OpenAsync();
        await world.LetPassAsync(TimeSpan.FromDays(3.1).TotalSeconds);

        (await run.GetAsync(Balance)).Status.ShouldBe(200);
        run.Log.Of("HoldRestored").Count().ShouldBe(untilExchangeMs == long.MinValue ? 0 : 1);
    }

    private static async Task HoldAsync(JournalledWorld world, TimeSpan length)
    {
        var until = world.Time.GetUtcNow() + length;
        await world.Journal.HoldAsync(new JournalHold("fapi.test", TrafficLane.Ip, "default", -1003, until.ToUnixTimeMilliseconds(), until), CancellationToken.None);
    }
}
