using System.Collections.Concurrent;
using ExchangeResilience.Tests.Handling;

namespace ExchangeResilience.Tests.Traffic;

/// <summary>What one process was given of a window, seen from outside: what it lets through, and what it asks the store. Windows are numbered from zero, from one, and over the end of what a number holds.</summary>
public sealed class BudgetLeaseTests : IDisposable
{
    private const int Limit = 1000;
    private const int QueryCap = 980;
    private static readonly BudgetKey Weight = new("live", TrafficLane.Ip, "default", TimeSpan.FromMinutes(1));
    private static readonly BudgetKey Orders = new("live", TrafficLane.Orders, "a", TimeSpan.FromSeconds(10));

    private readonly TrafficTestTime _time = new();
    private readonly ScriptedBudget _store = new();
    private readonly ConcurrentQueue<BudgetLease> _asks = new();
    private readonly FleetBudget _budget;

    public BudgetLeaseTests() => _budget = new FleetBudget(_store, _time, new CollectedLog().CreateLogger("budget"));

    public static TheoryData<long> FirstWindows => [0, 1, 29_500_000, (5L << 20) - 1];

    public void Dispose() => _budget.Dispose();

    [Theory]
    [MemberData(nameof(FirstWindows))]
    public async Task Nothing_passes_before_it_was_given_and_no_more_than_was_given(long window)
    {
        var allowance = New();
        allowance.TryTake(10, Limit, Limit, At(window)).ShouldBeFalse();
        allowance.HasRoom(10, Limit, Limit, At(window)).ShouldBeFalse();
        allowance.MayCome(10, Limit, Limit, At(window)).ShouldBeTrue();

        _store.WillGive(25);
        (await AnswerAsync()).ShouldBeTrue();

        _store.Asks.ShouldHaveSingleItem().ShouldBe(new BudgetAsk(Weight, window, 10, Limit, 10, QueryCap, 0, 0));
        allowance.HasRoom(25, Limit, Limit, At(window)).ShouldBeTrue();
        allowance.TryTake(10, Limit, Limit, At(window)).ShouldBeTrue();
        allowance.TryTake(15, Limit, Limit, At(window)).ShouldBeTrue();
        allowance.TryTake(1, Limit, Limit, At(window)).ShouldBeFalse();
        allowance.TryTake(1, Limit, Limit, At(window + 1)).ShouldBeFalse("each window is given anew");
    }

    [Fact]
    public async Task Of_orders_all_but_the_share_of_closing_orders_may_be_wished_for()
    {
        New(Orders).MayCome(1, 300, 300, At(7));

        await AnswerAsync();

        _store.Asks.ShouldHaveSingleItem().WishCap.ShouldBe(297);
    }

    [Theory]
    [MemberData(nameof(FirstWindows))]
    public async Task What_is_lacking_is_asked_for_once_for_all_who_lack_it(long window)
    {
        var allowance = await GivenAsync(window, 5);
        allowance.MayCome(30, Limit, QueryCap, At(window, observed: 40));
        allowance.MayCome(15, Limit, Limit, At(window, observed: 20));
        _asks.Count.ShouldBe(1, "whoever comes second is in the same question");

        await AnswerAsync();

        // 25 and 10 are lacking; the more urgent one decides what is needed: what is kept for it must not be given to the other.
        _store.Asks[^1].ShouldBe(new BudgetAsk(Weight, window, 10, Limit, 35, QueryCap, 40, 0));
    }

    [Fact]
    public async Task A_question_of_an_earlier_window_is_forgotten_for_one_of_a_later()
    {
        var allowance = New();
        allowance.MayCome(30, Limit, Limit, At(7, observed: 90));
        allowance.MayCome(10, Limit, Limit, At(8));

        await AnswerAsync();

        _store.Asks.ShouldHaveSingleItem().ShouldBe(new BudgetAsk(Weight, 8, 10, Limit, 10, QueryCap, 0, 0));
    }

    [Theory]
    [MemberData(nameof(FirstWindows))]
    public async Task Who_used_much_wishes_for_as_much_again(long window)
    {
        var allowance = await GivenAsync(window, 60);
        allowance.TryTake(45, Limit, Limit, At(window)).ShouldBeTrue();
        allowance.Give(5, At(window));

        allowance.MayCome(25, Limit, Limit, At(window));
        await AnswerAsync();

        _store.Asks[^1].ShouldBe(new BudgetAsk(Weight, window, 5, Limit, 40, QueryCap, 0, 0));

        // In the next window what was used in this one is no measure.
        allowance.TryTake(1, limit: null, Limit, At(window + 1)).ShouldBeTrue();
        allowance.MayCome(3, Limit, Limit, At(window + 1));
        await AnswerAsync();
        _store.Asks[^1].Wish.ShouldBe(4);
    }

    [Theory]
    [MemberData(nameof(FirstWindows))]
    public async Task More_is_asked_for_when_a_quarter_of_the_last_portion_is_left(long window)
    {
        var allowance = await GivenAsync(window, 100);
        allowance.TryTake(75, Limit, Limit, At(window)).ShouldBeTrue();
        _asks.ShouldBeEmpty();

        allowance.TryTake(1, Limit, Limit, At(window, observed: 76)).ShouldBeTrue();
        _asks.Count.ShouldBe(1);
        _store.WillGive(20, committed: 120);
        await AnswerAsync();

        _store.Asks[^1].ShouldBe(new BudgetAsk(Weight, window, 0, QueryCap, 76, QueryCap, 76, 0));
        allowance.HasRoom(44, Limit, Limit, At(window)).ShouldBeTrue();
        allowance.HasRoom(45, Limit, Limit, At(window)).ShouldBeFalse();
        allowance.TryTake(39, Limit, Limit, At(window)).ShouldBeTrue();
        _asks.ShouldBeEmpty("the last portion was 20");
    }

    [Fact]
    public async Task Nobody_asks_ahead_where_nothing_is_paced_or_an_answer_is_awaited()
    {
        var allowance = await GivenAsync(7, 100);
        allowance.TryTake(90, limit: null, Limit, At(7)).ShouldBeTrue();
        _asks.ShouldBeEmpty();

        _store.Pause = new(TaskCreationOptions.RunContinuationsAsynchronously);
        allowance.TryTake(1, Limit, Limit, At(7));
        var first = AnswerAsync();
        allowance.TryTake(1, Limit, Limit, At(7)).ShouldBeTrue();
        allowance.MayCome(50, Limit, Limit, At(7)).ShouldBeTrue();
        _asks.ShouldBeEmpty("one answer at a time");
        (await allowance.AskAsync()).ShouldBeFalse();

        _store.Pause.SetResult();
        (await first).ShouldBeTrue();
        (await allowance.AskAsync()).ShouldBeFalse("who still lacks something says so anew");
        _store.Asks.Count.ShouldBe(2);
        allowance.MayCome(50, Limit, Limit, At(7)).ShouldBeTrue();
        _asks.Count.ShouldBe(1);
    }

    [Fact]
    public async Task While_an_answer_for_a_window_is_awaited_the_next_may_be_asked_for()
    {
        var allowance = New();
        allowance.MayCome(10, Limit, Limit, At(7));
        _store.Pause = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var late = AnswerAsync();
        allowance.MayCome(20, Limit, Limit, At(8));
        var next = AnswerAsync();
        allowance.MayCome(5, Limit, Limit, At(9));
        _store.WillGive(10);
        _store.WillGive(20);

        _store.Pause.SetResult();
        await late;
        await next;

        _store.Asks.Select(static ask => ask.Window).ShouldBe([7, 8]);
        allowance.HasRoom(1, Limit, Limit, At(9)).ShouldBeFalse("neither was for this window");
        await AnswerAsync();
        _store.Asks[^1].Window.ShouldBe(9, "what was asked for meanwhile is not lost");
    }

    [Fact]
    public async Task What_the_window_no_longer_has_cannot_come()
    {
        var allowance = New();
        allowance.MayCome(10, Limit, QueryCap, At(7));
        _store.WillGive(0, committed: 975);
        await AnswerAsync();

        allowance.MayCome(6, Limit, QueryCap, At(7)).ShouldBeFalse();
        allowance.MayCome(5, Limit, QueryCap, At(7)).ShouldBeTrue();
        allowance.MayCome(6, Limit, Limit, At(7)).ShouldBeTrue("a cancel may use what queries may not");
        allowance.MayCome(6, Limit, QueryCap, At(8)).ShouldBeTrue("another window is another matter");
    }

    [Fact]
    public async Task A_request_heavier_than_the_window_needs_the_whole_of_it()
    {
        var allowance = New();
        allowance.MayCome(5000, Limit, QueryCap, At(7)).ShouldBeTrue();
        _store.WillGive(QueryCap);
        await AnswerAsync();

        _store.Asks.ShouldHaveSingleItem().Need.ShouldBe(QueryCap);
        allowance.TryTake(5000, Limit, QueryCap, At(7)).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(FirstWindows))]
    public async Task What_may_be_counted_in_the_next_window_needs_room_there_first(long window)
    {
        var allowance = await GivenAsync(window, 100);
        allowance.TryTake(10, Limit, Limit, At(window)).ShouldBeTrue();
        allowance.TryTake(9, Limit, Limit, At(window, straddles: true)).ShouldBeFalse();
        allowance.MayCome(9, Limit, Limit, At(window, straddles: true)).ShouldBeTrue();
        _store.WillGive(9);
        await AnswerAsync();

        _store.Asks[^1].ShouldBe(new BudgetAsk(Weight, window + 1, 9, Limit, 10, QueryCap, 0, 0));
        allowance.TryTake(9, Limit, Limit, At(window, straddles: true)).ShouldBeTrue();
        allowance.HasRoom(1, Limit, Limit, At(window, straddles: true)).ShouldBeFalse();
        allowance.HasRoom(81, Limit, Limit, At(window)).ShouldBeTrue();
        allowance.Give(2, At(window, straddles: true));

        allowance.TryTake(2, Limit, Limit, At(window + 1)).ShouldBeTrue("what was given ahead and is unused");
        allowance.TryTake(1, Limit, Limit, At(window + 1)).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(FirstWindows))]
    public async Task What_straddles_waits_for_the_end_of_the_window_where_the_next_has_nothing_to_give(long window)
    {
        var allowance = await GivenAsync(window, 100);
        allowance.MayCome(9, Limit, Limit, At(window, straddles: true)).ShouldBeTrue();
        _store.WillGive(0, committed: Limit);
        await AnswerAsync();

        allowance.TryTake(9, Limit, Limit, At(window, straddles: true)).ShouldBeFalse();
        allowance.MayCome(9, Limit, Limit, At(window, straddles: true)).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(FirstWindows))]
    public async Task What_is_given_back_may_be_taken_again_in_its_window_alone(long window)
    {
        var allowance = await GivenAsync(window, 10);
        allowance.TryTake(10, Limit, Limit, At(window)).ShouldBeTrue();

        allowance.Give(4, At(window));

        allowance.HasRoom(4, Limit, Limit, At(window)).ShouldBeTrue();
        allowance.HasRoom(5, Limit, Limit, At(window)).ShouldBeFalse();
        allowance.Give(6, At(window + 1));
        allowance.HasRoom(1, Limit, Limit, At(window + 1)).ShouldBeFalse();
        allowance.HasRoom(4, Limit, Limit, At(window)).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(FirstWindows))]
    public async Task Who_read_the_clock_a_moment_earlier_takes_from_the_window_at_hand(long window)
    {
        var allowance = await GivenAsync(window + 1, 10);
        allowance.TryTake(1, Limit, Limit, At(window + 1)).ShouldBeTrue();

        allowance.TryTake(3, Limit, Limit, At(window)).ShouldBeTrue();

        allowance.HasRoom(6, Limit, Limit, At(window + 1)).ShouldBeTrue();
        allowance.HasRoom(7, Limit, Limit, At(window + 1)).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(FirstWindows))]
    public async Task While_the_store_is_away_the_window_at_hand_has_what_was_given_and_the_next_an_equal_share(long window)
    {
        var allowance = await GivenAndLeftAloneAsync(window, 100, taken: 60);

        allowance.TryTake(41, Limit, QueryCap, At(window)).ShouldBeFalse();
        allowance.TryTake(40, Limit, QueryCap, At(window)).ShouldBeTrue();
        allowance.TryTake(1, Limit, QueryCap, At(window)).ShouldBeFalse();
        allowance.MayCome(1, Limit, QueryCap, At(window)).ShouldBeFalse("nobody would answer");

        // 250, of which five are kept for what matters more.
        allowance.TryTake(200, Limit, QueryCap, At(window + 1)).ShouldBeTrue();
        _asks.ShouldBeEmpty("a share asks for nothing ahead");
        allowance.TryTake(46, Limit, QueryCap, At(window + 1)).ShouldBeFalse();
        allowance.TryTake(45, Limit, QueryCap, At(window + 1)).ShouldBeTrue();
        allowance.TryTake(1, Limit, QueryCap, At(window + 1)).ShouldBeFalse();
        allowance.TryTake(5, Limit, Limit, At(window + 1)).ShouldBeTrue();
        allowance.TryTake(1, Limit, Limit, At(window + 1)).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(FirstWindows))]
    public async Task A_share_is_less_by_what_is_owed_and_not_by_what_was_owed_two_windows_ago(long window)
    {
        var allowance = await GivenAndLeftAloneAsync(window, 100, taken: 60, straddles: true);

        allowance.HasRoom(190, Limit, Limit, At(window + 1)).ShouldBeTrue();
        allowance.HasRoom(191, Limit, Limit, At(window + 1)).ShouldBeFalse();
        allowance.HasRoom(250, Limit, Limit, At(window + 2)).ShouldBeTrue();
        allowance.HasRoom(245, Limit, QueryCap, At(window + 2)).ShouldBeTrue();
        allowance.HasRoom(5000, Limit, QueryCap, At(window + 2)).ShouldBeTrue("the heaviest that can pass shrinks with the share");
        allowance.TryTake(1, Limit, QueryCap, At(window + 2)).ShouldBeTrue();
        allowance.HasRoom(5000, Limit, QueryCap, At(window + 2)).ShouldBeFalse();
    }

    [Theory]
    [MemberData(nameof(FirstWindows))]
    public async Task A_store_that_is_back_is_told_what_was_taken_without_it(long window)
    {
        var allowance = await GivenAndLeftAloneAsync(window, 10, taken: 10);
        allowance.TryTake(250, Limit, Limit, At(window + 1)).ShouldBeTrue();

        allowance.MayCome(1, Limit, Limit, At(window + 1)).ShouldBeFalse();
        _asks.ShouldBeEmpty("it was asked a moment ago");
        _time.Advance(TimeSpan.FromSeconds(1));
        allowance.MayCome(1, Limit, Limit, At(window + 1, observed: 300)).ShouldBeFalse();
        _store.IsAway = false;
        _store.WillGive(30, committed: 330);
        (await AnswerAsync()).ShouldBeTrue();

        _store.Asks[^1].ShouldBe(new BudgetAsk(Weight, window + 1, 0, QueryCap, 250, QueryCap, 300, 250));
        allowance.TryTake(30, Limit, QueryCap, At(window + 1)).ShouldBeTrue("what is given is whole");
        allowance.MayCome(1, Limit, Limit, At(window + 1)).ShouldBeTrue();
        await AnswerAsync();
        _store.Asks[^1].Taken.ShouldBe(0, "once is enough");
    }

    [Fact]
    public async Task What_a_window_takes_back_returns_to_the_allowance()
    {
        var allowance = await GivenAsync(1, 10);
        var window = new UsageWindow(TimeSpan.FromMinutes(1), allowance);
        window.TryReserve(4, Limit, 100, now: 90_000).ShouldBeTrue();
        allowance.HasRoom(7, Limit, Limit, At(1)).ShouldBeFalse();

        window.Refund(4, now: 90_000);

        allowance.HasRoom(10, Limit, Limit, At(1)).ShouldBeTrue();
        window.TryReserve(11, Limit, 100, now: 90_000).ShouldBeFalse();
        window.UsedAt(90_000).ShouldBe(0, "what the fleet does not allow was not used");
    }

    [Fact]
    public async Task Nothing_is_asked_where_nothing_is_wanted()
    {
        (await New().AskAsync()).ShouldBeFalse();

        _store.Asks.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_wanted_of_a_store_that_is_away_is_not_asked_before_its_time()
    {
        var allowance = await GivenAsync(7, 10);
        allowance.TryTake(10, Limit, Limit, At(7));
        allowance.MayCome(5, Limit, Limit, At(7));
        _asks.TryDequeue(out _);
        _store.IsAway = true;
        (await _budget.AskAsync(new BudgetAsk(Orders, 7, 1, 1, 1, 1, 0, 0))).ShouldBeNull();

        (await allowance.AskAsync()).ShouldBeFalse();

        _store.Asks.Count(static ask => ask.Key == Weight).ShouldBe(1, "the one that gave the ten");
    }

    private static WindowMoment At(long window, bool straddles = false, int observed = 0) => new(window, straddles, observed);

    private BudgetLease New(BudgetKey? key = null) => new(_budget, key ?? Weight, _asks);

    /// <summary>One that was given so much of a window.</summary>
    private async Task<BudgetLease> GivenAsync(long window, int amount)
    {
        var allowance = New();
        allowance.MayCome(1, Limit, Limit, At(window));
        _store.WillGive(amount);
        await AnswerAsync();
        return allowance;
    }

    /// <summary>One of four, to whom the store went away when it had taken so much of what it was given.</summary>
    private async Task<BudgetLease> GivenAndLeftAloneAsync(long window, int amount, int taken, bool straddles = false)
    {
        _store.Members = 4;
        var allowance = await GivenAsync(window, amount);
        _store.IsAway = true;
        allowance.MayCome(1, Limit, Limit, At(window));
        await AnswerAsync();
        allowance.TryTake(taken, Limit, Limit, At(window, straddles)).ShouldBeTrue();
        return allowance;
    }

    /// <summary>Sends what stands in the row, as the junction does.</summary>
    private async Task<bool> AnswerAsync()
    {
        _asks.TryDequeue(out var allowance).ShouldBeTrue("nothing is asked");
        return await allowance!.AskAsync();
    }
}
