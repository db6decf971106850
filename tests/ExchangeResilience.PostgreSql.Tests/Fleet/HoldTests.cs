using ExchangeResilience.Journal;

namespace ExchangeResilience.PostgreSql.Tests.Fleet;

/// <summary>What the exchange told one process, all must know.</summary>
public sealed class HoldTests(PostgreSqlServer server) : IAsyncDisposable
{
    private readonly TestStore _store = new(server.ConnectionString);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_hold_told_to_one_member_is_told_to_the_others_and_not_to_itself()
    {
        var (told, other) = (await _store.JoinAsync(), await _store.JoinAsync());
        await using var news = new HeardNews(other);
        await using var own = new HeardNews(told);

        await told.HoldAsync(Hold(60), Stop);
        var heard = (await news.NextAsync<FleetEvent.HoldTold>()).Hold;
        await other.HoldAsync(Hold(90), Stop);

        (heard with { Until = default }).ShouldBe(Hold(60) with { Until = default });
        (heard.Until - _store.Time.GetUtcNow()).ShouldBeInRange(TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));
        (await own.NextAsync<FleetEvent.HoldTold>()).Hold.UntilExchangeMs.ShouldBe(Hold(90).UntilExchangeMs);
    }

    [Fact]
    public async Task A_hold_that_was_not_announced_is_told_by_the_next_heartbeat()
    {
        var (told, other) = (await _store.JoinAsync(), await _store.JoinAsync(listens: false));
        await using var news = new HeardNews(other);
        await told.HoldAsync(Hold(60), Stop);

        (await news.NextByHeartbeatAsync<FleetEvent.HoldTold>(_store)).Hold.UntilExchangeMs.ShouldBe(Hold(60).UntilExchangeMs);
    }

    [Fact]
    public async Task Who_is_cut_off_listens_again_and_learns_what_it_missed()
    {
        var told = await _store.JoinAsync(listens: false);
        var other = _store.Member(time: TimeProvider.System);
        await other.OpenAsync(Stop);
        await using var news = new HeardNews(other);
        await told.HoldAsync(Hold(60), Stop);
        await news.NextAsync<FleetEvent.HoldTold>();

        await _store.RunAsync("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE '%{schema}%' AND pid <> pg_backend_pid() AND state = 'idle'");
        await told.HoldAsync(Hold(90), Stop);

        (await news.NextAsync<FleetEvent.HoldTold>()).Hold.UntilExchangeMs.ShouldBe(Hold(90).UntilExchangeMs);
        await told.HoldAsync(Hold(120), Stop);
        (await news.NextAsync<FleetEvent.HoldTold>()).Hold.UntilExchangeMs.ShouldBe(Hold(120).UntilExchangeMs);
    }

    [Theory]
    [InlineData("infinity", 1)]
    [InlineData("-infinity", 0)]
    public async Task A_row_that_somebody_has_set_to_never_or_always_stops_nobody(string time, int holds)
    {
        var told = await _store.JoinAsync(listens: false);
        await told.HoldAsync(Hold(60), Stop);
        await _store.RunAsync($"UPDATE {{schema}}.holds SET ends_at = '{time}', lasts = NULL; UPDATE {{schema}}.members SET started = '{time}'");
        var other = await _store.JoinAsync(listens: false);

        (await other.OpenAsync(Stop)).Holds.Count(hold => hold.Until > _store.Time.GetUtcNow()).ShouldBe(holds);
        other.Fleet.Members.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_new_member_learns_a_hold_before_its_first_request()
    {
        var told = await _store.JoinAsync();
        await told.HoldAsync(Hold(60), Stop);

        var late = _store.Member();
        var hold = (await late.OpenAsync(Stop)).Holds.ShouldHaveSingleItem();

        hold.UntilExchangeMs.ShouldBe(Hold(60).UntilExchangeMs);
        (hold.Until - _store.Time.GetUtcNow()).ShouldBeInRange(TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Clocks_of_hosts_are_not_compared()
    {
        var told = _store.Member(time: new ExchangeResilience.Testing.ManualTimeProvider(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero)));
        await told.OpenAsync(Stop);
        await told.HoldAsync(Hold(60) with { Until = new DateTimeOffset(2000, 1, 1, 0, 1, 0, TimeSpan.Zero) }, Stop);

        var other = _store.Member();
        var hold = (await other.OpenAsync(Stop)).Holds.ShouldHaveSingleItem();

        (hold.Until - _store.Time.GetUtcNow()).ShouldBeInRange(TimeSpan.FromSeconds(50), TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(48)]
    public async Task On_the_machine_that_was_told_of_it_no_clock_that_is_set_ends_it_early(int hours)
    {
        var told = await _store.JoinAsync();
        await told.HoldAsync(Hold(60) with { UntilUptime = _store.Time.Uptime() + TimeSpan.FromSeconds(60), Boot = MachineBoot.Id }, Stop);
        await _store.RunAsync($"UPDATE {{schema}}.holds SET ends_at = ends_at - interval '{hours} hours'");
        _store.Time.StepWallClock(TimeSpan.FromHours(hours));
        _store.Time.Advance(TimeSpan.FromSeconds(10));

        var late = _store.Member();
        var hold = (await late.OpenAsync(Stop)).Holds.ShouldHaveSingleItem();

        (hold.Until - _store.Time.GetUtcNow()).ShouldBe(TimeSpan.FromSeconds(50));
        late.Fleet.Holds.ShouldHaveSingleItem();
    }

    [Theory]
    [InlineData(90, 90)]
    [InlineData(30, 60)]
    public async Task Of_two_that_are_told_on_one_machine_the_later_end_counts(int seconds, int longest)
    {
        var (one, other) = (await _store.JoinAsync(listens: false), await _store.JoinAsync(listens: false));
        foreach (var (member, length) in ((PostgreSqlJournal, int)[])[(one, 60), (other, seconds)])
        {
            await member.HoldAsync(Hold(length) with { UntilUptime = _store.Time.Uptime() + TimeSpan.FromSeconds(length), Boot = MachineBoot.Id }, Stop);
        }

        await _store.RunAsync("UPDATE {schema}.holds SET ends_at = ends_at - interval '1 hour'");
        _store.Time.StepWallClock(TimeSpan.FromHours(1));

        ((await _store.Member().OpenAsync(Stop)).Holds.ShouldHaveSingleItem().Until - _store.Time.GetUtcNow()).ShouldBe(TimeSpan.FromSeconds(longest));
    }

    [Fact]
    public async Task The_uptime_of_an_earlier_boot_means_nothing()
    {
        var told = await _store.JoinAsync(listens: false);
        await told.HoldAsync(Hold(60) with { UntilUptime = _store.Time.Uptime() + TimeSpan.FromSeconds(60), Boot = "an earlier one" }, Stop);
        await _store.RunAsync("UPDATE {schema}.holds SET ends_at = ends_at - interval '55 seconds'");
        _store.Time.Advance(TimeSpan.FromSeconds(55));

        ((await _store.Member().OpenAsync(Stop)).Holds.ShouldHaveSingleItem().Until - _store.Time.GetUtcNow()).ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("Galaxy")]
    [InlineData("None")]
    [InlineData("17")]
    public async Task A_hold_of_a_lane_that_is_not_known_here_stops_nobody_and_is_spoken_of_once(string lane)
    {
        var log = new LogLines();
        var told = await _store.JoinAsync(listens: false);
        await told.HoldAsync(Hold(60), Stop);
        await _store.RunAsync("SELECT {schema}.hold_lane('live', $1, 'default', -1, 5, 60, 'x', 'x')", lane);

        var member = await _store.JoinAsync(logger: log);
        (await member.OpenAsync(Stop)).Holds.ShouldHaveSingleItem().Lane.ShouldBe(TrafficLane.Ip);
        await using var news = new HeardNews(member);
        await told.HoldAsync(Hold(90), Stop);

        (await news.NextAsync<FleetEvent.HoldTold>()).Hold.UntilExchangeMs.ShouldBe(Hold(90).UntilExchangeMs);
        member.Fleet.StoreFault.ShouldBeNull();
        log.Lines.Where(static line => line.StartsWith("Warning 1507 ", StringComparison.Ordinal)).ShouldHaveSingleItem().ShouldContain(lane);
    }

    [Fact]
    public async Task What_is_longer_than_a_process_can_count_stops_nobody()
    {
        var member = await _store.JoinAsync(listens: false);
        await _store.RunAsync("SELECT {schema}.hold_lane('live', 'Ip', 'default', -1, 5, 5e12, 'x', 'x')");
        await _store.RunAsync("SELECT {schema}.renew_lease('other', 'other', '100000 years')");

        (await member.OpenAsync(Stop)).Holds.ShouldHaveSingleItem().Until.ShouldBeGreaterThan(_store.Time.GetUtcNow().AddYears(30));
        member.Fleet.Members.Single(static other => other.Name == "other").LeaseLeft.ShouldBeGreaterThan(TimeSpan.FromDays(365 * 30));
    }

    [Fact]
    public async Task Of_fifty_that_write_at_once_the_longest_is_kept()
    {
        var members = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _store.JoinAsync(listens: false)));
        var seconds = Enumerable.Range(1, 50).ToArray();
        new Random(1).Shuffle(seconds);

        await Task.WhenAll(seconds.Select((length, i) => Task.Run(async () => await members[i % members.Length].HoldAsync(Hold(length * 10), Stop))));

        var late = _store.Member();
        var kept = (await late.OpenAsync(Stop)).Holds.ShouldHaveSingleItem();
        kept.UntilExchangeMs.ShouldBe(Hold(500).UntilExchangeMs);
        (kept.Until - _store.Time.GetUtcNow()).ShouldBeInRange(TimeSpan.FromSeconds(470), TimeSpan.FromSeconds(500));
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private JournalHold Hold(int seconds) => new(
        "live", TrafficLane.Ip, "default", -1003, JournalEntries.Start.AddSeconds(seconds).ToUnixTimeMilliseconds(), _store.Time.GetUtcNow().AddSeconds(seconds));
}
