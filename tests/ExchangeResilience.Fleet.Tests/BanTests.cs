using System.Collections.Concurrent;
using System.Globalization;
using ExchangeResilience.Testing;
using Npgsql;

namespace ExchangeResilience.Fleet.Tests;

/// <summary>A ban that the exchange tells one of eight processes, while all of them poll.</summary>
public sealed class BanTests(Store store, ITestOutputHelper output)
{
    private const int Members = 8;
    private const int Rounds = 10;
    private const int RoundsWithoutNotification = 5;

    // In milliseconds. Long beside what the word takes to go round, so that whoever is not told asks after the ban rather than before it.
    private const string Pause = "300";
    private static readonly TimeSpan Ban = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // What was on its way when the word came.
    private static readonly TimeSpan OnItsWay = TimeSpan.FromMilliseconds(50);

    [Fact]
    public async Task Nobody_sends_into_a_ban_of_which_another_was_told()
    {
        await using var scene = await Scene.StartAsync(store);
        var onTheirWay = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var (told, requests) = await scene.BanOneAsync();
            foreach (var other in scene.Others(requests))
            {
                // What was on its way into the ban was refused by the exchange itself, which is no notification.
                other.Count().ShouldBeLessThanOrEqualTo(1, $"round {round}: {other.Key} asks one question at a time");
                (told.TryGetValue(other.Key, out var toldAt) || other.Any()).ShouldBeTrue($"round {round}: {other.Key} was never told");
                other.Count(request => request.Time > toldAt + OnItsWay && told.ContainsKey(other.Key)).ShouldBe(0, $"round {round}: {other.Key} was told at {toldAt:O}");
                onTheirWay += other.Count();
            }
        }

        output.WriteLine($"{Rounds} bans, {Members} processes: 0 requests after the notification, {onTheirWay} on their way when it came");

        // Were nobody told, each of them would find out by a question of its own, each time.
        onTheirWay.ShouldBeLessThan(Rounds * (Members - 1) * 3 / 4);
        await scene.FinishAsync();
    }

    [Fact]
    public async Task A_lost_notification_costs_each_process_one_request_at_the_most()
    {
        await using var scene = await Scene.StartAsync(store);
        var sent = 0;
        for (var round = 0; round < RoundsWithoutNotification; round++)
        {
            (await scene.CutNotificationsAsync()).ShouldBeGreaterThanOrEqualTo(Members);
            var (_, requests) = await scene.BanOneAsync();
            foreach (var other in scene.Others(requests))
            {
                other.Count().ShouldBeLessThanOrEqualTo(1, $"round {round}: {other.Key}");
                sent += other.Count();
            }
        }

        output.WriteLine($"{RoundsWithoutNotification} bans, {Members} processes without notification: {sent} requests, at most one of each");
        await scene.FinishAsync();
    }

    [Fact]
    public async Task A_process_that_starts_during_a_ban_knows_of_it_before_its_first_request()
    {
        var state = await store.NewDatabaseAsync();
        await using var market = await Market.OpenAsync(2);
        await using var first = new Member(market.Address, state, Market.KeyOf(0), null, "ask", Pause);
        await first.HearAsync("started");
        market.Exchange.Faults.Next("GET /fapi/v2/balance", Fault.Ban(TimeSpan.FromSeconds(4)));
        await Wait.UntilAsync(() => market.Exchange.Requests.Any(static request => request.Status == 418), Patience);
        await using var second = new Member(market.Address, state, Market.KeyOf(1), null, "ask", Pause);

        await second.HearAsync("started");
        await Wait.UntilAsync(() => market.Exchange.Requests.Any(request => request.ApiKey == second.Key), Patience);

        market.Exchange.Requests.Where(static request => request.IntoHold is not null).ShouldBeEmpty();
        await first.FinishAsync();
        await second.FinishAsync();
    }

    private sealed class Scene : IAsyncDisposable
    {
        private readonly string _state;
        private readonly Market _market;
        private readonly List<Member> _members = [];
        private readonly ConcurrentQueue<(string Key, DateTimeOffset At)> _told = new();

        private Scene(string state, Market market) => (_state, _market) = (state, market);

        public static async Task<Scene> StartAsync(Store store)
        {
            var scene = new Scene(await store.NewDatabaseAsync(), await Market.OpenAsync(Members));
            try
            {
                for (var slot = 0; slot < Members; slot++)
                {
                    var key = Market.KeyOf(slot);
                    scene._members.Add(new Member(scene._market.Address, scene._state, key, line => scene.Hear(key, line), "ask", Pause));
                }

                foreach (var member in scene._members)
                {
                    await member.HearAsync("started");
                }

                return scene;
            }
            catch
            {
                await scene.DisposeAsync();
                throw;
            }
        }

        /// <summary>The next request of anybody is told of a ban. What everybody heard of it, and what the exchange received until its end.</summary>
        public async Task<(IReadOnlyDictionary<string, DateTimeOffset> Told, IReadOnlyList<ReceivedRequest> Requests)> BanOneAsync()
        {
            try
            {
                await Wait.UntilAsync(AllAsk, Patience);
            }
            catch (TimeoutException late)
            {
                var last = _members.Select(member => $"{member} {_market.Exchange.Requests.LastOrDefault(request => request.ApiKey == member.Key)}");
                throw new TimeoutException($"{late.Message}; {string.Join(", ", last)}; {_market.Exchange.Scoreboard}", late);
            }

            _told.Clear();
            var before = _market.Exchange.Requests.Count;
            _market.Exchange.Faults.Next("GET /fapi/v2/balance", Fault.Ban(Ban));
            await Wait.UntilAsync(() => _market.Exchange.Requests.Skip(before).Any(static request => request.Status == 418), Patience);
            var banned = _market.Exchange.Requests.Skip(before).First(static request => request.Status == 418);
            await Task.Delay(Ban, TimeProvider.System);
            var requests = _market.Exchange.Requests.Where(request => request.Number >= banned.Number && request.Time <= banned.Time + Ban).ToList();
            return (_told.GroupBy(static told => told.Key, static told => told.At, StringComparer.Ordinal).ToDictionary(static told => told.Key, static told => told.Min(), StringComparer.Ordinal), requests);

            // A lane that reopens lets one request through at a time, and then ever more.
            bool AllAsk()
            {
                var recent = _market.Exchange.Requests.TakeLast(Members * 3).ToList();
                return recent.TrueForAll(static request => request.Status == 200) && recent.Select(static request => request.ApiKey).Distinct(StringComparer.Ordinal).Count() == Members;
            }
        }

        /// <summary>The requests of those that the exchange did not tell first.</summary>
        public IEnumerable<IGrouping<string, ReceivedRequest>> Others(IReadOnlyList<ReceivedRequest> requests) =>
            _members.Where(member => member.Key != requests[0].ApiKey)
                .GroupJoin(requests, static member => member.Key, static request => request.ApiKey, static (member, own) => new Own(member.Key, [.. own]));

        /// <summary>Ends all connections of the members, those on which they wait for notifications among them; how many there were.</summary>
        public async Task<long> CutNotificationsAsync()
        {
            await using var source = NpgsqlDataSource.Create(_state);
            await using var cut = source.CreateCommand("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
            return Convert.ToInt64(await cut.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
        }

        public async Task FinishAsync()
        {
            foreach (var member in _members)
            {
                await member.FinishAsync();
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var member in _members)
            {
                await member.DisposeAsync();
            }

            await _market.DisposeAsync();
        }

        private void Hear(string key, string line)
        {
            if (line == "told")
            {
                _told.Enqueue((key, TimeProvider.System.GetUtcNow()));
            }
        }

        private sealed class Own(string key, List<ReceivedRequest> requests) : IGrouping<string, ReceivedRequest>
        {
            public string Key => key;

            public IEnumerator<ReceivedRequest> GetEnumerator() => requests.GetEnumerator();

            System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
        }
    }
}
