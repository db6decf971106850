namespace ExchangeResilience.PostgreSql.Tests.Budget;

/// <summary>What members are given of the exchange's limits by a real server.</summary>
public sealed class BudgetTests(PostgreSqlServer server, ITestOutputHelper output) : IAsyncDisposable
{
    private const int Limit = 2400;
    private const int QueryLimit = 2352;
    private static readonly BudgetKey Weight = new("live", TrafficLane.Ip, "default", TimeSpan.FromMinutes(1));

    private readonly TestStore _store = new(server.ConnectionString);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Eight_members_on_many_threads_are_together_never_given_more_than_the_limit()
    {
        var members = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _store.JoinAsync(listens: false)));
        var (given, asks) = (0, 0);

        await Task.WhenAll(Enumerable.Range(0, 32).Select(worker => Task.Run(
            async () =>
            {
                var isUrgent = worker % 8 == 0;
                while (true)
                {
                    var grant = await members[worker % 8].Budget.AskAsync(new BudgetAsk(Weight, 7, 1, isUrgent ? Limit : QueryLimit, 200, QueryLimit, 0, 0), Stop);
                    Interlocked.Increment(ref asks);
                    grant.Members.ShouldBe(8);
                    grant.Committed.ShouldBeLessThanOrEqualTo(Limit);
                    if (grant.Granted == 0)
                    {
                        return;
                    }

                    Interlocked.Add(ref given, grant.Granted);
                }
            },
            Stop)));

        given.ShouldBe(Limit);
        (await _store.AskAsync("SELECT granted FROM {schema}.budgets")).ShouldBe(Limit);
        output.WriteLine($"{asks} asks, {members.Sum(static member => member.Budget.RoundTrips)} round trips for a weight of {given}");
    }

    [Fact]
    public async Task Members_that_want_five_times_their_share_each_get_it_whoever_comes_first()
    {
        const int Members = 8;
        var members = await Task.WhenAll(Enumerable.Range(0, Members).Select(_ => _store.JoinAsync(listens: false)));
        var given = new int[Members];

        // In the first window nobody knows yet who will ask.
        for (var window = 1; window <= 3; window++)
        {
            Array.Clear(given);
            var asks = 0;
            for (var member = 0; member < Members; member++)
            {
                // One after another each asks for all it wants before the next one does.
                while (true)
                {
                    var grant = await members[member].Budget.AskAsync(new BudgetAsk(Weight, window, 1, QueryLimit, Math.Max(1, given[member]), QueryLimit, 0, 0), Stop);
                    asks++;
                    given[member] += grant.Granted;
                    if (grant.Granted == 0 || grant.Committed >= QueryLimit || given[member] >= 5 * QueryLimit / Members)
                    {
                        break;
                    }
                }
            }

            output.WriteLine($"window {window}: {string.Join(' ', given)} in {asks} asks");
        }

        given.ShouldAllBe(amount => amount >= QueryLimit / Members / 2 && amount <= 2 * QueryLimit / Members);
        given.Sum().ShouldBeInRange(QueryLimit * 98 / 100, QueryLimit);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(32)]
    public async Task Members_that_all_want_more_than_their_share_ask_once_a_window_and_leave_nothing(int fleet)
    {
        const int Orders = 297;
        var key = new BudgetKey("live", TrafficLane.Orders, "a", TimeSpan.FromSeconds(10));
        var members = await Task.WhenAll(Enumerable.Range(0, fleet).Select(_ => _store.JoinAsync(listens: false)));
        var given = new int[fleet];
        var asks = 0;
        for (var window = 1; window <= 6; window++)
        {
            // All begin with the window, with as much as they used in the one before, and want more until they are told that there is no more.
            asks = 0;
            var own = new int[fleet];
            for (var asking = Enumerable.Range(0, fleet).ToList(); asking.Count > 0;)
            {
                foreach (var member in asking.ToList())
                {
                    var grant = await members[member].Budget.AskAsync(new BudgetAsk(key, window, 1, Orders, Math.Max(1, given[member]), Orders, own[member], 0), Stop);
                    asks++;
                    own[member] += grant.Granted;
                    if (grant.Committed >= Orders)
                    {
                        asking.Remove(member);
                    }
                }
            }

            given = own;
            output.WriteLine($"window {window}: {given.Min()} to {given.Max()}, {given.Sum()} of {Orders} in {asks} asks");
        }

        asks.ShouldBe(fleet);
        given.Sum().ShouldBe(Orders);
        given.Min().ShouldBeGreaterThanOrEqualTo(Orders / fleet);
    }

    [Fact]
    public async Task What_others_use_and_what_was_taken_unasked_is_not_given_again()
    {
        var member = await _store.JoinAsync(listens: false);

        (await member.Budget.AskAsync(new BudgetAsk(Weight, 1, 10, Limit, 10, QueryLimit, Observed: 1000, Taken: 400), Stop)).ShouldBe(new BudgetGrant(10, 1010, 1));
        (await member.Budget.AskAsync(new BudgetAsk(Weight, 1, 1390, Limit, 0, QueryLimit, Observed: 0, Taken: 0), Stop)).ShouldBe(new BudgetGrant(1390, 2400, 1));
        (await member.Budget.AskAsync(new BudgetAsk(Weight, 1, 1, Limit, 1, QueryLimit, Observed: 0, Taken: 0), Stop)).ShouldBe(new BudgetGrant(0, 2400, 1));
    }

    [Fact]
    public async Task A_new_window_is_whole_and_old_ones_go()
    {
        var member = await _store.JoinAsync(listens: false);
        for (var window = 1; window <= 5; window++)
        {
            (await member.Budget.AskAsync(new BudgetAsk(Weight, window, Limit, Limit, 0, QueryLimit, 0, 0), Stop)).Granted.ShouldBe(Limit);
        }

        (await _store.AskAsync("SELECT string_agg(window_number::text, ' ' ORDER BY window_number) FROM {schema}.budgets")).ShouldBe("4 5");
    }

    [Fact]
    public async Task A_member_whose_clock_is_far_ahead_has_no_window_given_twice()
    {
        var (member, ahead) = (await _store.JoinAsync(listens: false), await _store.JoinAsync(listens: false));
        (await member.Budget.AskAsync(new BudgetAsk(Weight, 7, Limit, Limit, 0, QueryLimit, 0, 0), Stop)).Granted.ShouldBe(Limit);
        for (var window = 1000; window < 1010; window++)
        {
            (await ahead.Budget.AskAsync(new BudgetAsk(Weight, window, 1, Limit, 1, QueryLimit, 0, 0), Stop)).Granted.ShouldBeGreaterThan(0);
        }

        (await member.Budget.AskAsync(new BudgetAsk(Weight, 7, 1, Limit, 1, QueryLimit, 0, 0), Stop)).Granted.ShouldBe(0);
    }

    [Fact]
    public async Task What_may_have_been_given_is_known_of_some_windows_only()
    {
        var member = await _store.JoinAsync(listens: false);
        for (var window = 1; window <= 100; window++)
        {
            await member.Budget.AskAsync(new BudgetAsk(Weight, window, 1, Limit, 1, QueryLimit, 0, 0), Stop);
        }

        ((long)(await _store.AskAsync("SELECT count(*) FROM {schema}.budget_bounds"))!).ShouldBeLessThan(30);
    }

    [Fact]
    public async Task Nothing_is_kept_back_for_a_process_that_has_ended()
    {
        for (var window = 1; window <= 4; window++)
        {
            var bot = await _store.JoinAsync(listens: false);
            var given = 0;
            for (var asks = 10; asks > 0; asks--)
            {
                given += (await bot.Budget.AskAsync(new BudgetAsk(Weight, window, 1, Limit, QueryLimit / 2, QueryLimit, 0, 0), Stop)).Granted;
            }

            given.ShouldBeInRange(QueryLimit * 98 / 100, Limit, $"in window {window}");
            await bot.DisposeAsync();
        }
    }

    [Fact]
    public async Task Who_has_left_no_longer_counts()
    {
        var first = await _store.JoinAsync(listens: false);
        var second = await _store.JoinAsync(listens: false);
        (await first.Budget.AskAsync(new BudgetAsk(Weight, 1, 1, Limit, 1, QueryLimit, 0, 0), Stop)).Members.ShouldBe(2);

        await second.DisposeAsync();

        (await first.Budget.AskAsync(new BudgetAsk(Weight, 1, 1, Limit, 1, QueryLimit, 0, 0), Stop)).Members.ShouldBe(1);
        await Should.ThrowAsync<JournalException>(async () => await second.Budget.AskAsync(new BudgetAsk(Weight, 1, 1, Limit, 1, QueryLimit, 0, 0), Stop));
    }
}
