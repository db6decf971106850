using ExchangeResilience.Journal;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests.Fleet;

/// <summary>Who holds an entry, and what becomes of it when the holder is gone. Leases end when a test says so; heartbeats come when it moves the clock.</summary>
public sealed class LeaseTests(PostgreSqlServer server) : IAsyncDisposable
{
    private readonly TestStore _store = new(server.ConnectionString);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_living_member_holds_nobody_takes()
    {
        var holder = await _store.JoinAsync();
        await RecordAsync(holder, 1);

        var other = _store.Member();
        (await other.OpenAsync(Stop)).Entries.ShouldBeEmpty();
        await BeatAsync(other);

        (await HolderOfAsync(1, holder)).ShouldBe((holder.Member, 0));
    }

    [Fact]
    public async Task What_a_dead_member_held_is_the_next_ones_that_opens()
    {
        var doomed = await _store.JoinAsync(listens: false);
        await RecordAsync(doomed, 1);
        await _store.EndLeasesAsync();

        var heir = _store.Member();
        var entry = (await heir.OpenAsync(Stop)).Entries.ShouldHaveSingleItem();

        entry.Run.ShouldBe(heir.Member);
        (await HolderOfAsync(1, doomed)).ShouldBe((heir.Member, 1));
    }

    [Fact]
    public async Task What_a_dead_member_held_is_a_living_ones_by_its_next_heartbeat()
    {
        var heir = await _store.JoinAsync(listens: false);
        await using var news = new HeardNews(heir);
        var doomed = _store.Member(listens: false, time: new ExchangeResilience.Testing.ManualTimeProvider());
        await doomed.OpenAsync(Stop);
        await RecordAsync(doomed, 1);
        await RecordAsync(doomed, 2);
        (await doomed.SettleAsync(Of(doomed, 2).Settled(JournalState.Executed), Stop)).ShouldBeTrue();
        await _store.EndLeaseAsync(doomed);

        var entry = (await news.NextByHeartbeatAsync<FleetEvent.TakenOver>(_store)).Entries.ShouldHaveSingleItem();
        (entry.Id, entry.Run).ShouldBe((Of(doomed, 1).Id, heir.Member));
    }

    [Fact]
    public async Task A_lease_runs_out_by_the_databases_clock_once_the_database_has_been_up_for_as_long()
    {
        var doomed = await _store.JoinAsync(listens: false);
        await RecordAsync(doomed, 1);
        await _store.RunAsync("UPDATE {schema}.members SET lease = '1 hour', lease_until = clock_timestamp() - interval '1 second' WHERE id = $1", doomed.Member);
        var early = _store.Member(listens: false);
        (await early.OpenAsync(Stop)).Entries.ShouldBeEmpty("the database may have been away for longer than the lease");

        await _store.RunAsync("UPDATE {schema}.members SET lease = '1 millisecond', lease_until = clock_timestamp() - interval '1 second' WHERE id = $1", doomed.Member);

        var heir = _store.Member();
        (await heir.OpenAsync(Stop)).Entries.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Of_many_heirs_each_entry_gets_one()
    {
        var doomed = await _store.JoinAsync(listens: false);
        await Task.WhenAll(Enumerable.Range(1, 100).Select(number => RecordAsync(doomed, number)));
        await _store.EndLeasesAsync();

        var given = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () => (await _store.Member().OpenAsync(Stop)).Entries)));

        given.SelectMany(entries => entries).Select(entry => entry.Id).ShouldBe(Enumerable.Range(1, 100).Select(number => Of(doomed, number).Id), ignoreOrder: true);
    }

    [Fact]
    public async Task Of_heirs_that_join_at_once_none_takes_what_another_has_just_taken()
    {
        const int Heirs = 8;
        const int Orphans = 400;
        const int Rounds = 20;
        var heirs = await Task.WhenAll(Enumerable.Range(0, Heirs).Select(_ => _store.JoinAsync(listens: false)));
        await _store.RunAsync(
            $$"""
            INSERT INTO {schema}.entries (id, environment, account, symbol, kind, name, holder, state, document)
                SELECT 'o' || i, 'live', 'main', 'BTCUSDT', 'Place', 'o' || i, 'gone', 'Open', '{"attempts": []}' FROM generate_series(1, {{Orphans}}) AS i
            """);
        for (var round = 1; round <= Rounds; round++)
        {
            // All are dead, and come back at the same moment.
            await _store.RunAsync("UPDATE {schema}.entries SET holder = 'gone'");
            await _store.EndLeasesAsync();

            await Task.WhenAll(heirs.Select(heir => Task.Run(async () => await heir.OpenAsync(Stop))));

            (await _store.AskAsync("SELECT count(*) FROM {schema}.entries WHERE fence <> $1", round)).ShouldBe(0L, $"in round {round}, taken over twice or not at all");
        }
    }

    [Fact]
    public async Task A_heartbeat_that_finds_nothing_to_take_over_waits_for_nobody()
    {
        var member = await _store.JoinAsync(listens: false);
        await RecordAsync(member, 1);
        await using var busy = new Npgsql.NpgsqlConnection(server.ConnectionString);
        await busy.OpenAsync(Stop);
        await using (var take = new Npgsql.NpgsqlCommand($"SELECT pg_advisory_lock(hashtext('{_store.Schema}'), hashtext('take_over'))", busy))
        {
            await take.ExecuteNonQueryAsync(Stop);
        }

        (await member.OpenAsync(Stop)).Entries.ShouldBeEmpty();
        (await _store.Member(listens: false).OpenAsync(Stop)).Entries.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_has_lost_an_entry_writes_nothing_about_it()
    {
        var slow = await _store.JoinAsync(listens: false);
        await RecordAsync(slow, 1);
        await _store.EndLeaseAsync(slow);
        var heir = await _store.JoinAsync();

        var standing = await slow.RecordAsync(Of(slow, 1) with { Attempts = [Attempt(0), Attempt(1)] }, Stop);
        var isSettled = await slow.SettleAsync(Of(slow, 1).Settled(JournalState.NotExecuted), Stop);

        standing.ShouldNotBeNull().Run.ShouldBe(heir.Member);
        standing.Attempts.Count.ShouldBe(1);
        isSettled.ShouldBeFalse();
        (await heir.SettleAsync(standing.Settled(JournalState.Executed), Stop)).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_is_given_back_what_it_had_lost_may_write_again()
    {
        var first = await _store.JoinAsync();
        await using var news = new HeardNews(first);
        await RecordAsync(first, 1);
        var second = await _store.JoinAsync();
        await _store.TakeOverAsync(first, second);
        await second.DisposeAsync();

        var entry = (await news.NextAsync<FleetEvent.TakenOver>()).Entries.ShouldHaveSingleItem();

        (await HolderOfAsync(1, first)).ShouldBe((first.Member, 2));
        (await first.RecordAsync(entry with { Attempts = [Attempt(0), Attempt(1)] }, Stop)).ShouldBeNull();
        (await first.SettleAsync(entry.Settled(JournalState.Executed) with { Attempts = [Attempt(0), Attempt(1)] }, Stop)).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_inherits_again_what_it_had_inherited_and_lost_learns_that_it_has_it()
    {
        var doomed = await _store.JoinAsync(listens: false);
        await RecordAsync(doomed, 1);
        await _store.EndLeasesAsync();
        var heir = await _store.JoinAsync(listens: false);
        var second = await _store.JoinAsync(listens: false);
        await _store.TakeOverAsync(heir, second);
        await _store.EndLeaseAsync(second);

        var entry = (await heir.OpenAsync(Stop)).Entries.ShouldHaveSingleItem();

        (await HolderOfAsync(1, doomed)).ShouldBe((heir.Member, 3));
        (await heir.SettleAsync(entry.Settled(JournalState.Executed), Stop)).ShouldBeTrue();
    }

    [Fact]
    public async Task Who_leaves_is_inherited_from_at_once_and_what_it_had_queued_is_written()
    {
        var heir = await _store.JoinAsync();
        await using var news = new HeardNews(heir);
        var leaver = await _store.JoinAsync();
        await RecordAsync(leaver, 1);
        await RecordAsync(leaver, 2);

        var queued = leaver.SettleAsync(Of(leaver, 2).Settled(JournalState.Executed), Stop);
        await leaver.DisposeAsync();

        (await queued).ShouldBeTrue();
        (await news.NextAsync<FleetEvent.TakenOver>()).Entries.ShouldHaveSingleItem().Id.ShouldBe(Of(leaver, 1).Id);
        await Should.ThrowAsync<JournalException>(async () => await leaver.RecordAsync(Of(leaver, 3), Stop));
    }

    [Fact]
    public async Task A_member_that_writes_is_not_taken_for_dead()
    {
        var busy = await _store.JoinAsync(listens: false);
        await _store.RunAsync("UPDATE {schema}.members SET lease_until = clock_timestamp() + interval '1 second'");

        await RecordAsync(busy, 1);

        ((bool)(await _store.AskAsync("SELECT lease_until > clock_timestamp() + interval '1 minute' FROM {schema}.members"))!).ShouldBeTrue();
    }

    [Fact]
    public async Task What_a_dead_run_had_the_verdict_of_stands_in_the_way_of_its_heirs_own_orders()
    {
        var doomed = await _store.JoinAsync();
        await RecordAsync(doomed, 1);
        (await doomed.SettleAsync(Of(doomed, 1).Settled(JournalState.Executed) with { CancelWanted = true }, Stop)).ShouldBeTrue();
        await _store.EndLeasesAsync();
        var heir = _store.Member();

        var inherited = (await heir.OpenAsync(Stop)).Entries.ShouldHaveSingleItem();

        inherited.Run.ShouldBe(doomed.Member);
        (await heir.RecordAsync(Of(heir, 1) with { Id = "heir0000000000000001" }, Stop)).ShouldNotBeNull().Id.ShouldBe(inherited.Id);
        (await heir.SettleAsync(inherited with { CancelWanted = false }, Stop)).ShouldBeTrue("what remains is the heir's to do");
    }

    [Fact]
    public async Task What_nobody_here_can_ask_about_is_left_to_others()
    {
        var doomed = await _store.JoinAsync(listens: false);
        await RecordAsync(doomed, 1);
        await RecordAsync(doomed, 2);
        (await doomed.RecordAsync(Of(doomed, 3) with { KeyHash = "1111111111111111" }, Stop)).ShouldBeNull();
        await _store.EndLeasesAsync();
        var (stranger, heir) = (_store.Member(listens: false), _store.Member(listens: false));
        var asked = new List<string>();
        stranger.Serves = static _ => false;
        heir.Serves = entry =>
        {
            asked.Add(entry.Id);
            return entry.KeyHash is null;
        };

        (await stranger.OpenAsync(Stop)).Entries.ShouldBeEmpty();
        (await heir.OpenAsync(Stop)).Entries.Select(entry => entry.Id).ShouldBe([Of(doomed, 1).Id, Of(doomed, 2).Id]);

        asked.Distinct().Count().ShouldBe(2, "one of each account");
    }

    [Fact]
    public async Task A_living_member_takes_over_what_it_can_ask_about_and_leaves_the_rest()
    {
        var heir = _store.Member(listens: false);
        heir.Serves = static entry => entry.KeyHash == "1111111111111111";
        await heir.OpenAsync(Stop);
        await using var news = new HeardNews(heir);
        var doomed = _store.Member(listens: false, time: new ExchangeResilience.Testing.ManualTimeProvider());
        await doomed.OpenAsync(Stop);
        await RecordAsync(doomed, 1);
        (await doomed.RecordAsync(Of(doomed, 2) with { KeyHash = "1111111111111111" }, Stop)).ShouldBeNull();
        await _store.EndLeaseAsync(doomed);

        (await news.NextByHeartbeatAsync<FleetEvent.TakenOver>(_store)).Entries.ShouldHaveSingleItem().Id.ShouldBe(Of(doomed, 2).Id);
        (await HolderOfAsync(1, doomed)).ShouldBe((doomed.Member, 0));
    }

    [Fact]
    public async Task Whom_an_entry_stood_in_the_way_is_told_its_verdict()
    {
        var (holder, other) = (await _store.JoinAsync(), await _store.JoinAsync());
        await using var news = new HeardNews(other);
        await RecordAsync(holder, 1);
        (await other.RecordAsync(Of(other, 1), Stop)).ShouldNotBeNull().Run.ShouldBe(holder.Member);

        (await holder.SettleAsync(Of(holder, 1).Settled(JournalState.Executed), Stop)).ShouldBeTrue();

        var told = (await news.NextAsync<FleetEvent.Settled>()).Entry;
        (told.Id, told.State).ShouldBe((Of(holder, 1).Id, JournalState.Executed));
    }

    [Fact]
    public async Task A_verdict_that_was_not_announced_is_told_by_the_next_heartbeat()
    {
        var (holder, other) = (await _store.JoinAsync(), await _store.JoinAsync(listens: false));
        await using var news = new HeardNews(other);
        await RecordAsync(holder, 1);
        await other.RecordAsync(Of(other, 1), Stop);
        await BeatAsync(other);
        await holder.SettleAsync(Of(holder, 1).Settled(JournalState.NotExecuted), Stop);

        (await news.NextByHeartbeatAsync<FleetEvent.Settled>(_store)).Entry.State.ShouldBe(JournalState.NotExecuted);
    }

    [Fact]
    public async Task Everybody_may_say_that_a_verdict_was_heard_and_nothing_else()
    {
        var (holder, other) = (await _store.JoinAsync(), await _store.JoinAsync());
        await RecordAsync(holder, 1);
        (await other.SettleAsync(Of(holder, 1).Settled(JournalState.Executed), Stop)).ShouldBeFalse();
        await holder.SettleAsync(Of(holder, 1).Settled(JournalState.Executed) with { Heard = false, Evidence = "the holder's" }, Stop);

        (await other.SettleAsync(Of(holder, 1).Settled(JournalState.NotExecuted), Stop)).ShouldBeFalse();
        (await other.SettleAsync(Of(holder, 1).Settled(JournalState.Executed) with { Evidence = "another's" }, Stop)).ShouldBeTrue();

        var entry = (await holder.RecordAsync(Of(holder, 1), Stop)).ShouldNotBeNull();
        (entry.Heard, entry.Evidence).ShouldBe((true, "the holder's"));
    }

    [Fact]
    public async Task An_entry_that_was_written_though_its_commit_seemed_to_fail_is_searched_for()
    {
        var member = await _store.JoinAsync(listens: false);
        await using var news = new HeardNews(member);
        await _store.RunAsync("ALTER TABLE {schema}.entries RENAME TO elsewhere");
        await Should.ThrowAsync<JournalException>(async () => await member.RecordAsync(Of(member, 1), Stop));
        await _store.RunAsync("ALTER TABLE {schema}.elsewhere RENAME TO entries");

        // What a lost answer leaves behind.
        await using (var twin = _store.Member(id: member.Member))
        {
            (await twin.RecordAsync(Of(member, 1), Stop)).ShouldBeNull();
        }

        (await news.NextByHeartbeatAsync<FleetEvent.TakenOver>(_store)).Entries.ShouldHaveSingleItem().Id.ShouldBe(Of(member, 1).Id);
    }

    [Fact]
    public async Task The_fleet_is_known_to_each_of_its_members()
    {
        var one = await _store.JoinAsync("one");
        var two = await _store.JoinAsync("two");
        await RecordAsync(two, 1);
        await RecordAsync(two, 2);
        await one.HoldAsync(new("live", TrafficLane.Ip, "default", -1003, 5, _store.Time.GetUtcNow().AddMinutes(2)), Stop);
        await BeatAsync(one);

        var fleet = one.Fleet;

        fleet.Member.ShouldBe(one.Member);
        fleet.StoreFault.ShouldBeNull();
        fleet.Members.Select(member => (member.Id, member.Name, member.Unfinished)).ShouldBe([(one.Member, "one", 0), (two.Member, "two", 2)]);
        fleet.Members.ShouldAllBe(member => member.LeaseLeft > _store.Lease / 2 && member.Uptime >= TimeSpan.Zero);
        fleet.Holds.ShouldHaveSingleItem().ToldTo.ShouldBe("one");
    }

    [Fact]
    public async Task Who_is_gone_is_listed_while_it_holds_something()
    {
        var one = await _store.JoinAsync("one");
        var gone = await _store.JoinAsync("gone", listens: false);
        await _store.RunAsync("UPDATE {schema}.members SET lease = '1 hour', lease_until = clock_timestamp() - interval '1 second' WHERE id = $1", gone.Member);
        await BeatAsync(one);
        one.Fleet.Members.Single(member => member.Name == "gone").LeaseLeft.ShouldBeLessThan(TimeSpan.Zero);

        await _store.EndLeaseAsync(gone);
        await BeatAsync(one);

        one.Fleet.Members.ShouldHaveSingleItem().Name.ShouldBe("one");
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static JournalEntry Of(PostgreSqlJournal member, int number) => Order(number, member.Member[..8]) with { Run = member.Member };

    private static async Task RecordAsync(PostgreSqlJournal member, int number) => (await member.RecordAsync(Of(member, number), Stop)).ShouldBeNull();

    private static async Task BeatAsync(PostgreSqlJournal member) => await member.OpenAsync(Stop);

    private async Task<(string Holder, long Fence)> HolderOfAsync(int number, PostgreSqlJournal writer) => (
        (string)(await _store.AskAsync("SELECT holder FROM {schema}.entries WHERE id = $1", Of(writer, number).Id))!,
        (long)(await _store.AskAsync("SELECT fence FROM {schema}.entries WHERE id = $1", Of(writer, number).Id))!);
}
