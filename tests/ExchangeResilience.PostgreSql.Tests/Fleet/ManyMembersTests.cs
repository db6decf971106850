using ExchangeResilience.Journal;
using Npgsql;
using static ExchangeResilience.Journal.JournalEntries;

namespace ExchangeResilience.PostgreSql.Tests.Fleet;

/// <summary>What a large fleet costs one of its members: nothing is called for each of the others, and nothing grows with their number times that of their orders.</summary>
public sealed class ManyMembersTests(PostgreSqlServer server, ITestOutputHelper output) : IAsyncDisposable
{
    private const int Members = 10_000;
    private const int Dead = 20;
    private const int Unfinished = 3 * Members;
    private const int Beats = 5;
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(700);
    private readonly TestStore _store = new(server.ConnectionString);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Among_ten_thousand_members_a_heartbeat_a_takeover_and_a_question_for_room_call_nothing_for_each()
    {
        var counted = new NpgsqlConnectionStringBuilder(server.ConnectionString) { Options = "-c track_functions=all" }.ConnectionString;
        await using (var first = _store.Member(listens: false, connectionString: counted))
        {
            await first.OpenAsync(Stop);
        }

        await _store.RunAsync(
            $$"""
            INSERT INTO {schema}.members (id, name, lease, lease_until)
                SELECT 'm' || i, 'm', '15 s', CASE WHEN i <= {{Dead}} THEN '-infinity' ELSE clock_timestamp() + interval '1 day' END FROM generate_series(1, {{Members}}) AS i;
            INSERT INTO {schema}.entries (id, environment, account, symbol, kind, name, holder, state, document)
                SELECT 'o' || i, 'live', 'main', 'BTCUSDT', 'Place', 'o' || i, 'm' || 1 + i % {{Members}}, 'Open', '{"attempts": []}' FROM generate_series(1, {{Unfinished}}) AS i;
            """);
        await _store.RunAsync("ANALYZE {schema}.members, {schema}.entries");
        var before = await CallsAsync();
        var beats = new List<TimeSpan>();
        await using (var member = _store.Member(listens: false, connectionString: counted))
        {
            // None of them can be read, so that none is handed over.
            (await TakesAsync(async () => (await member.OpenAsync(Stop)).Entries.ShouldBeEmpty(), beats)).ShouldBeLessThan(Patience, "it takes over");
            (await _store.AskAsync("SELECT count(*) FROM {schema}.entries WHERE holder = $1", member.Member)).ShouldBe((long)Dead * Unfinished / Members);
            for (var beat = 1; beat < Beats; beat++)
            {
                await TakesAsync(async () => await member.OpenAsync(Stop), beats);
            }

            member.Fleet.Members.Count.ShouldBe(1 + Members - Dead);
            member.Fleet.Members.Where(each => each.Id != member.Member).ShouldAllBe(static each => each.Unfinished == Unfinished / Members);
            (await member.RecordAsync(Order(1) with { Run = member.Member }, Stop)).ShouldBeNull();
            for (var window = 1; window <= Beats; window++)
            {
                (await member.Budget.AskAsync(new(new("live", TrafficLane.Ip, "default", TimeSpan.FromMinutes(1)), window, 1, 10, 1, 10, 0, 0), Stop)).Members.ShouldBe(1 + Members - Dead);
            }
        }

        output.WriteLine($"heartbeats: {string.Join(' ', beats.Select(static beat => FormattableString.Invariant($"{beat.TotalMilliseconds:0}")))} ms");
        beats.Min().ShouldBeLessThan(Patience);

        // What is taken over is looked at one by one.
        (await CallsAsync() - before).ShouldBeLessThan(10L * Dead * Unfinished / Members);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static async Task<TimeSpan> TakesAsync(Func<Task> work, List<TimeSpan> all)
    {
        var since = TimeProvider.System.GetTimestamp();
        await work();
        all.Add(TimeProvider.System.GetElapsedTime(since));
        return all[^1];
    }

    // The server counts what a session has called when that ends.
    private async Task<long> CallsAsync()
    {
        var last = -1L;
        while (true)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System, Stop);
            var now = (long)(await _store.AskAsync("SELECT coalesce(sum(calls), 0)::bigint FROM pg_stat_user_functions WHERE schemaname = $1", _store.Schema))!;
            if (now == last)
            {
                return now;
            }

            last = now;
        }
    }
}
